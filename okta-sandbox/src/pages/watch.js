"use strict";

// Follows the org by asking for a snapshot every second. Everything is put in as text, never as markup.

const PERIOD = 1000;
const byId = (id) => document.getElementById(id);
let shownVersion = null;
let latest = null;
const seenEffects = new Set();

function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function clock(iso) {
  return iso ? iso.slice(11, 19) : "";
}

function badge(status) {
  return element("span", "badge status-" + status.toLowerCase(), status.replaceAll("_", " "));
}

function renderTotals(snapshot) {
  const totals = [["Users", snapshot.counts.users]];
  for (const [status, count] of Object.entries(snapshot.counts.byStatus)) {
    totals.push([status.replaceAll("_", " ").toLowerCase(), count]);
  }
  totals.push(["effects", snapshot.counts.effects], ["requests", snapshot.counts.requests]);
  byId("totals").replaceChildren(...totals.map(([label, value]) => {
    const box = element("div");
    box.append(element("dt", "", label), element("dd", "", String(value)));
    return box;
  }));
}

function userRow(user) {
  const row = element("tr");
  const person = element("td");
  person.append(element("strong", "", user.name), element("br"), element("span", "muted", user.login));
  const status = element("td");
  status.append(badge(user.status));
  const roles = element("td");
  for (const role of user.roles) {
    roles.append(element("span", "role", role.label + (role.fromGroup ? " (group)" : "")));
  }
  row.append(person, status, roles, element("td", "muted when", clock(user.lastUpdated)));
  return row;
}

function renderUsers(snapshot) {
  const wanted = byId("filter").value.trim().toLowerCase();
  const text = (user) => [user.name, user.login, user.status, ...user.roles.map((role) => role.label)].join(" ").toLowerCase();
  const users = snapshot.users.filter((user) => text(user).includes(wanted));
  byId("users").replaceChildren(...users.map(userRow));
  const hidden = snapshot.counts.users - snapshot.users.length;
  byId("users-note").textContent = hidden > 0
    ? `The ${snapshot.users.length} users changed last; ${hidden} more are in the org.`
    : users.length === 0 ? "Nobody." : "";
}

function effectItem(effect) {
  const fresh = shownVersion !== null && !seenEffects.has(effect.seq);
  seenEffects.add(effect.seq);
  const item = element("li", fresh ? "fresh" : "");
  item.append(element("span", "muted when", clock(effect.time)), element("strong", "", effect.kind));
  if (effect.login) item.append(element("span", "", effect.login));
  const detail = describe(effect);
  if (detail) item.append(element("span", "muted detail", detail));
  return item;
}

function describe(effect) {
  const before = effect.before || {};
  const after = effect.after || {};
  if (effect.kind.startsWith("role.")) return (after.label || before.label) ?? "";
  if (effect.kind === "user.update") {
    return Object.keys(after).map((name) => `${name}: ${before[name] ?? "–"} → ${after[name] ?? "–"}`).join(", ");
  }
  if (after.status) return before.status ? `${before.status} → ${after.status}` : after.status;
  return "";
}

function requestItem(request) {
  const item = element("li");
  const status = element("span", "code " + (request.status >= 400 ? "bad" : "good"), request.status || "cut");
  item.append(element("span", "muted when", clock(request.time)), status,
    element("strong", "", request.method), element("span", "path", request.path));
  if (request.fault) item.append(element("span", "role", request.fault));
  return item;
}

function render(snapshot) {
  latest = snapshot;
  byId("org").textContent = snapshot.baseUrl;
  tell("Live", false);
  byId("clock").textContent = "· org clock " + clock(snapshot.now) + " UTC";
  if (snapshot.version === shownVersion) return;
  renderTotals(snapshot);
  renderUsers(snapshot);
  renderFeed("effects", snapshot.effects, effectItem, "Nothing has changed yet.");
  renderFeed("requests", snapshot.requests, requestItem, "Nobody has called yet.");
  shownVersion = snapshot.version;
}

function renderFeed(id, entries, item, empty) {
  byId(id).replaceChildren(...entries.map(item));
  byId(id + "-note").textContent = entries.length === 0 ? empty : "";
}

// Screen readers announce the state of the connection when it changes, not every second.
function tell(state, lost) {
  const live = byId("live");
  if (live.textContent !== state) live.textContent = state;
  live.parentElement.classList.toggle("lost", lost);
}

async function follow() {
  try {
    const response = await fetch("/_control/snapshot", { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    render(await response.json());
  } catch {
    tell("Connection lost, trying again…", true);
    byId("clock").textContent = "";
  }
  setTimeout(follow, PERIOD);
}

byId("filter").addEventListener("input", () => latest && renderUsers(latest));
follow();
