# One image for every process. It runs as nobody in particular and writes nowhere but /tmp.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt
COPY manage.py ./
COPY config config
COPY core core
COPY crm crm
COPY orders orders
COPY payments payments
COPY reporting reporting
COPY training training
COPY templates templates
COPY static static
COPY locale locale
ENV STATIC_ROOT=/app/collected
RUN /venv/bin/python -m config.translations compile \
 && /venv/bin/python manage.py collectstatic --no-input --skip-checks --verbosity 0 \
 && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/app/collected
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--no-access-log", "--lifespan", "off", "--ws", "none", \
     "--timeout-graceful-shutdown", "3"]
