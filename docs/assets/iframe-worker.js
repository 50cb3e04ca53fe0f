// Search from the file system: browsers refuse workers there, so the script of a worker runs in a hidden frame.
// The name of this file tells the plugin "offline" that it need not load such a script from another host.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inside = frame.contentWindow;
      inside.document.open();
      inside.document.write("<body></body>");
      inside.document.close();
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      inside.importScripts = (...sources) =>
        sources.reduce((before, source) => before.then(() => load(inside, source)), Promise.resolve());
      this.send = (data) => inside.dispatchEvent(new MessageEvent("message", { data }));
      this.loaded = load(inside, url);
    }

    postMessage(data) {
      this.loaded.then(() => this.send(data));
    }

    terminate() {}
  };

  function load(inside, source) {
    return new Promise((resolve) => {
      const script = inside.document.createElement("script");
      script.src = source;
      script.onload = resolve;
      inside.document.body.append(script);
    });
  }
}
