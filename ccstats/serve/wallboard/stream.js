// Server-sent events over fetch: unlike EventSource it can send a token.

const SILENCE_MS = 12000; // the server says something every five seconds
const MOST_MS = 15000;

export async function follow(url, token, told) {
  let last = null;
  let wait = 500;
  for (;;) {
    const abort = new AbortController();
    let watch = setTimeout(() => abort.abort(), SILENCE_MS);
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
      const headers = { Accept: "text/event-stream" };
      if (token()) headers.Authorization = `Bearer ${token()}`;
      if (last) headers["Last-Event-ID"] = last;
      const response = await fetch(url, { headers, signal: abort.signal, cache: "no-store" });
      if (response.status === 401) {
        clearTimeout(watch);
        await told.refused();
        continue;
      }
      if (!response.ok) throw new Error(`status ${response.status}`);
      told.state(true);
      wait = 500;
      for await (const event of events(response.body, alive)) {
        if (event.id) last = event.id;
        told.event(event.name, event.data);
      }
    } catch {
      // whatever it was: the state is shown, and it is tried again
    }
    clearTimeout(watch);
    told.state(false);
    await new Promise((done) => setTimeout(done, wait * (0.75 + Math.random() / 2)));
    wait = Math.min(wait * 2, MOST_MS);
  }
}

async function* events(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { name: "", data: "", id: "" };
      for (const line of block.split("\n")) {
        const colon = line.indexOf(": ");
        if (colon < 0) continue;
        const field = line.slice(0, colon);
        if (field === "event") event.name = line.slice(colon + 2);
        if (field === "data") event.data = line.slice(colon + 2);
        if (field === "id") event.id = line.slice(colon + 2);
      }
      if (event.name) yield event;
    }
  }
}
