import { describe, expect, it } from "vitest";
import { fetchCurves } from "../../src/server/client";
import { Server } from "../support/server";
import { container, manyIds } from "../support/wire";

/** The lengths of the addresses that were asked for, as they go over the wire. */
const lengths = (server: Server) => server.addresses.map((address) => address.length);
const asked = (server: Server) =>
  server.addresses.flatMap((address) => new URLSearchParams(address.split("?")[1]).getAll("trace"));

describe("a request for many runs", () => {
  it("is one where they fit into its address", async () => {
    const ids = manyIds(100);
    const server = new Server(...ids);
    expect(await fetchCurves(ids, {})).toHaveLength(100);
    expect(server.addresses).toHaveLength(1);
  });

  it("is several with addresses that every proxy takes, whatever the names and the query", async () => {
    const ids = manyIds(90).map((id) => `${id}/${"grid search, ünïcode & a very long name ".repeat(4)}`);
    const server = new Server(...ids);
    const curves = await fetchCurves(ids, { column: "ä".repeat(100) });
    expect(curves.map(({ id }) => id)).toEqual(ids);
    expect(asked(server)).toEqual(ids);
    expect(server.addresses.length).toBeGreaterThan(1);
    for (const length of lengths(server)) expect(length).toBeLessThanOrEqual(6_000);
  });

  it("goes for a single run however long its name is", async () => {
    const ids = [`s/${"a".repeat(9_000)}`, "s/b"];
    const server = new Server(...ids);
    expect(await fetchCurves(ids, {})).toHaveLength(2);
    expect(asked(server)).toEqual(ids);
  });

  it("leaves out a name that no path has, and says so", async () => {
    const ids = [`s/${"a".repeat(100_000)}`, "s/b"];
    const server = new Server(...ids);
    const [first, second] = await fetchCurves(ids, {});
    expect(first).toEqual({ id: ids[0], error: expect.stringMatching(/^The name of this run is too long/) });
    expect(second).toMatchObject({ id: "s/b", values: expect.any(Float64Array) });
    expect(asked(server)).toEqual(["s/b"]);
  });

  it("says of a run that the answer leaves out that it does", async () => {
    const server = new Server("s/a");
    server.failure = async () => new Response(container([{ id: "s/a", values: [1] }]));
    const [, second] = await fetchCurves(["s/a", "s/b"], {});
    expect(second).toEqual({ id: "s/b", error: "TensorBoard's answer says nothing about this run." });
  });
});
