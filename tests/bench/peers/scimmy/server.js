// SCIMMY as its README shows it, over a Map. It is given what a storage would know:
// an index of user names, and which part of a list is wanted.

import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, size, groups] = process.argv.slice(2).map(Number);
const numbered = (prefix, n) => `${prefix}-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const users = new Map(), names = new Map(), teams = new Map();

function keep(store, id, data) {
  const now = new Date().toISOString();
  const before = store.get(id);
  const kept = {
    ...JSON.parse(JSON.stringify(data)),
    id,
    meta: { created: before?.meta.created ?? now, lastModified: now },
  };
  store.set(id, kept);
  return kept;
}

function listed(store, resource) {
  const everyone = [...store.values()];
  const { startIndex = 1, count = 20 } = resource.constraints ?? {};
  // Holes count in totalResults, but SCIMMY does not render them.
  const page = new Array(everyone.length);
  const first = Number(startIndex) - 1;
  for (let place = first; place < Math.min(first + Number(count), everyone.length); place++) {
    page[place] = everyone[place];
  }
  return page;
}

function wantedName(resource) {
  const [only, another] = resource.filter ?? [];
  return another === undefined && only?.userName?.[0] === "eq" ? only.userName[1] : undefined;
}

function found(store, resource) {
  if (!resource.id) return listed(store, resource);
  if (!store.has(resource.id)) throw new SCIMMY.Types.Error(404, null, "Not found");
  return store.get(resource.id);
}

function addUser(id, data) {
  const name = data.userName.toLowerCase();
  if ((names.get(name) ?? id) !== id) throw new SCIMMY.Types.Error(409, "uniqueness", "Taken");
  names.set(name, id);
  return keep(users, id, data);
}

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .ingress((resource, data) => addUser(resource.id ?? crypto.randomUUID(), data))
  .egress((resource) => {
    const name = wantedName(resource);
    if (name === undefined) return found(users, resource);
    const id = names.get(name.toLowerCase());
    return id === undefined ? [] : [users.get(id)];
  })
  .degress((resource) => users.delete(resource.id));

SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .ingress((resource, data) => keep(teams, resource.id ?? crypto.randomUUID(), data))
  .egress((resource) => found(teams, resource))
  .degress((resource) => teams.delete(resource.id));

for (let n = 1; n <= size; n++) {
  const name = `user${String(n).padStart(7, "0")}@bench.example.jp`;
  addUser(numbered("01900000", n), {
    userName: name, externalId: `external-${n}`, active: true, displayName: `User ${n}`,
    title: "Engineer", name: { givenName: "User", familyName: String(n) },
    emails: [{ type: "work", primary: true, value: name }],
  });
}
for (let n = 1; n <= groups; n++) {
  keep(teams, numbered("01910000", n), { displayName: `Group ${n}`, members: [] });
}

const app = express();
// SCIMMY changes startIndex and count of the query in place, which needs it to stay.
app.use((request, response, next) => {
  Object.defineProperty(request, "query", { value: { ...request.query } });
  next();
});
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  handler: (request) => {
    if (request.header("Authorization") !== "Bearer bench") throw new Error("Unauthorized");
    return "bench";
  },
}));
app.listen(port, "127.0.0.1");
