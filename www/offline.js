// Lets the service worker keep the page for visits without a network, and offers a new version when it has been kept as well.
// Where there are no service workers (insecure hosts, files, some private windows) the page is as it would be without this script.
"use strict";
{
  const build = document.currentScript.src.split("/").at(-2);
  // Held as long as the page is there: the service worker deletes the files of builds that no page uses.
  navigator.locks?.request(`eigendrift ${build}`, { mode: "shared" }, () => new Promise(() => {})).catch(() => {});

  // Not before the program has been loaded, which the service worker would load beside it. A page inside of another one leaves what
  // is to be kept to visits of its own.
  addEventListener("TrunkApplicationStarted", () => {
    if ("serviceWorker" in navigator && window === top) keep().catch(() => {});
  });

  async function keep() {
    const workers = navigator.serviceWorker;
    const registration = await workers.register(script("./service-worker.js"), { updateViaCache: "none" });
    registration.active?.postMessage("started");
    const offer = () => {
      if (registration.active && registration.waiting) document.getElementById("update").hidden = false;
    };
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
    offer();
    // A page can stay open for days.
    document.addEventListener("visibilitychange", () => document.hidden || registration.update().catch(() => {}));

    document.getElementById("use-update").onclick = () => {
      workers.addEventListener("controllerchange", () => location.reload());
      // None waits when another page has taken the new version meanwhile.
      if (registration.waiting) registration.waiting.postMessage("use");
      else location.reload();
    };
  }

  /** A script's address in the form that the page's content security policy asks for. */
  function script(address) {
    const policy = globalThis.trustedTypes?.createPolicy("eigendrift-offline", { createScriptURL: (address) => address });
    return policy?.createScriptURL(address) ?? address;
  }
}
