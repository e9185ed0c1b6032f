// News for panels: <section data-live-topic="intent:pi_1" data-live-version="3" hx-get="…" hx-trigger="news">.
// One stream for the whole browser: the tab that holds the lock reads it and tells the others. Where streams do not
// work, that tab asks for the versions every three seconds. A panel renders itself again from the server; nothing is
// ever guessed here.

const { liveStream, liveVersions } = document.body.dataset;
const LOCK = "kuitti-live";
const POLL_MS = 3000;
const TRY_STREAM_AGAIN_MS = 30000;
const GATHER_MS = 50;

const channel = new BroadcastChannel(LOCK);
const me = Math.random().toString(36).slice(2);
const news = new Map();
let reader = null;

// What this tab shows

function panels() {
  return [...document.querySelectorAll("[data-live-topic]")];
}

function ownTopics() {
  return [...new Set(panels().map((panel) => panel.dataset.liveTopic))].sort();
}

function refreshStale() {
  for (const panel of panels()) {
    const newest = news.get(panel.dataset.liveTopic) ?? -1;
    if (newest > Number(panel.dataset.liveVersion ?? -1) && Number(panel.dataset.liveAsked ?? -1) < newest) {
      panel.dataset.liveAsked = newest;
      window.htmx.trigger(panel, "news");
    }
  }
}

function askAgainLater(event) {
  const panel = event.target.closest?.("[data-live-asked]");
  if (!panel) return;
  setTimeout(() => {
    delete panel.dataset.liveAsked;
    refreshStale();
  }, POLL_MS);
}

function hear(topic, version) {
  if (version <= (news.get(topic) ?? -1)) return;
  news.set(topic, version);
  refreshStale();
}

function showState(isPolling) {
  const place = document.querySelector("[data-live-state]");
  if (place) place.textContent = isPolling && ownTopics().length ? place.dataset.polling : "";
}

// The tab that reads for all

class Reader {
  wanted = new Map([[me, ownTopics()]]);
  source = null;
  timer = null;
  gathering = null;

  want(tab, topics) {
    const before = this.topics().join();
    if (topics.length) this.wanted.set(tab, topics);
    else this.wanted.delete(tab);
    if (this.topics().join() === before) return;
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => this.open(), GATHER_MS);
  }

  topics() {
    return [...new Set([...this.wanted.values()].flat())].sort();
  }

  open() {
    this.close();
    const topics = this.topics();
    if (!topics.length) return;
    this.source = new EventSource(`${liveStream}?topics=${encodeURIComponent(topics.join())}`);
    this.source.addEventListener("open", () => this.tellState(false));
    this.source.addEventListener("version", (event) => this.tell(JSON.parse(event.data)));
    this.source.addEventListener("error", () => {
      // The browser opens a broken stream again by itself; a refused one it gives up.
      if (this.source?.readyState === EventSource.CLOSED) this.poll();
    });
  }

  poll() {
    this.close();
    this.tellState(true);
    const tryStreamAt = Date.now() + TRY_STREAM_AGAIN_MS;
    this.timer = setInterval(() => (Date.now() > tryStreamAt ? this.open() : this.ask()), POLL_MS);
    this.ask();
  }

  async ask() {
    const topics = encodeURIComponent(this.topics().join());
    const answer = await fetch(`${liveVersions}?topics=${topics}`, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    const { versions } = await answer.json();
    for (const [topic, version] of Object.entries(versions)) this.tell({ topic, version });
  }

  tell({ topic, version }) {
    hear(topic, version);
    channel.postMessage({ kind: "news", topic, version });
  }

  tellState(isPolling) {
    showState(isPolling);
    channel.postMessage({ kind: "state", isPolling });
  }

  close() {
    this.source?.close();
    this.source = null;
    clearInterval(this.timer);
  }
}

// Between tabs

function announce() {
  const topics = ownTopics();
  if (reader) reader.want(me, topics);
  else channel.postMessage({ kind: "topics", tab: me, topics });
}

const heard = {
  news: ({ topic, version }) => hear(topic, version),
  state: ({ isPolling }) => showState(isPolling),
  topics: ({ tab, topics }) => reader?.want(tab, topics),
  who: announce,
};

let leave = () => {};

function becomeReader() {
  reader = new Reader();
  reader.open();
  channel.postMessage({ kind: "who" });
  return new Promise((resolve) => {
    leave = resolve;
  });
}

async function start() {
  announce();
  if (navigator.locks) await navigator.locks.request(LOCK, becomeReader);
  else await becomeReader();
}

if (liveStream) {
  channel.addEventListener("message", (event) => heard[event.data.kind]?.(event.data));
  document.addEventListener("htmx:after:swap", () => {
    announce();
    refreshStale();
  });
  document.addEventListener("htmx:error", askAgainLater);
  document.addEventListener("htmx:response:error", askAgainLater);
  window.addEventListener("pagehide", () => {
    channel.postMessage({ kind: "topics", tab: me, topics: [] });
    reader?.close();
    reader = null;
    leave();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) start();
  });
  start();
}
