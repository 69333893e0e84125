// What only the browser can do: a fresh picture, and saying that the console itself is gone.
(() => {
  const refresh = () => {
    const shown = document.querySelector("img.picture");
    const next = new Image();
    next.onload = () => { if (shown) shown.src = next.src; setTimeout(refresh, 400); };
    next.onerror = () => setTimeout(refresh, 1000);
    next.src = `/picture?language=${document.documentElement.dataset.console}&at=${Date.now()}`;
  };
  const watch = () => {
    if (!window.socket) return setTimeout(watch, 100);
    window.socket.on("connect", () => document.body.classList.remove("gone"));
    window.socket.on("disconnect", () => document.body.classList.add("gone"));
  };
  addEventListener("load", () => { refresh(); watch(); });
})();
