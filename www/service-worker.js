// Keeps all files of one build in a cache, and answers with them, so that the page works without a network.
//
// BUILD, which scripts/finish-build.mjs writes above, has the hash of the build and the digest of each file. A page keeps the build
// that it began with: files are asked for in a folder that is named by the hash, of which the caches of several builds can exist.
// The next build waits until no page is open, or until one asks for it (www/offline.js).
"use strict";

const prefix = `eigendrift ${registration.scope} `;
const address = (name) => new URL(name, registration.scope).href;

addEventListener("install", (event) => {
  // Checked against their digests, whatever a host or a cache on the way answers with: all files of one build, or none.
  const requests = Object.entries(BUILD.files).map(
    ([name, integrity]) => new Request(address(name), { integrity, cache: "no-cache" }),
  );
  event.waitUntil(caches.open(prefix + BUILD.build).then((cache) => cache.addAll(requests)));
});

// A page of no other build can be under way then, unless it has asked for this one or stands beside the page that has.
addEventListener("activate", (event) => event.waitUntil(clients.claim().then(tidy)));

addEventListener("message", (event) => {
  if (event.data === "use") skipWaiting();
  if (event.data === "started") event.waitUntil(tidy());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { href } = new URL(request.url);
  if (request.method !== "GET" || !href.startsWith(registration.scope)) return;
  const name = href.slice(registration.scope.length).replace(/[?#].*$/, "");
  if (request.mode === "navigate" && ["", "index.html"].includes(name)) {
    event.respondWith(kept(prefix + BUILD.build, "./", request));
  } else if (Object.hasOwn(BUILD.files, name)) {
    event.respondWith(kept(prefix + BUILD.build, name, request));
  } else if (/^[0-9a-f]{16}\//.test(name)) {
    event.respondWith(kept(prefix + name.slice(0, 16), name, request));
  }
});

/** A file of a build, from the network where its cache is gone. */
async function kept(cacheName, name, request) {
  return (await caches.match(address(name), { cacheName, ignoreVary: true })) ?? fetch(request);
}

/** Deletes the caches of builds that no page uses: each page holds a lock that is named by its build. */
async function tidy() {
  // What waits has filled its cache and is not in use yet.
  if (registration.installing || registration.waiting) return;
  const { held } = await navigator.locks.query();
  const used = [BUILD.build, ...held.map((lock) => lock.name.replace(/^eigendrift /, ""))];
  const old = (name) => name.startsWith(prefix) && !used.includes(name.slice(prefix.length));
  await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
}
