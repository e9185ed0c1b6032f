-- Two logins. The owner migrates; the application owns nothing, so that no
-- statement of its can switch off a trigger or empty an append-only table.
-- Run once by a superuser, connected to template1: new databases copy what stands here.
CREATE ROLE kuitti_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE;
CREATE ROLE kuitti_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;
ALTER DEFAULT PRIVILEGES FOR ROLE kuitti_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kuitti_app;
ALTER DEFAULT PRIVILEGES FOR ROLE kuitti_owner
    GRANT USAGE, SELECT ON SEQUENCES TO kuitti_app;
