/** The trainings and range tests that belong together. */

import { byId, ServerCache } from "../server/cache";
import { fetchPairs } from "../server/client";
import type { Pair, Pairs, Trace, Unreadable } from "../server/types";
import { isTest, type Run } from "./run";
import { type Runs, versionsOf } from "./runs";

const NONE: readonly Pair[] = [];

export class Related {
  readonly #pairs = new ServerCache<Pairs | Unreadable>();

  /** The pairs that a trace is in; none while they are not loaded. */
  of({ id }: Trace): readonly Pair[] {
    const found = this.#pairs.get(id);
    return found && "pairs" in found ? found.pairs : NONE;
  }

  /** Fetches the pairs of chosen trainings or tests, again once there may be others. */
  async load({ traces }: Runs, chosen: readonly Run[]): Promise<void> {
    const all = traces.value ?? [];
    const [trainings, tests] = [all.filter(({ kind }) => kind === "training"), all.filter(isTest)];
    const others = [...trainings, ...tests].map(({ id, status }) => `${id} ${status}`).join();
    const own = versionsOf(trainings.length > 0 && tests.length > 0 ? chosen : []);
    const versions = new Map([...own].map(([id, version]) => [id, `${version} ${others}`]));
    await this.#pairs.update(versions, async (ids) => byId(await fetchPairs(ids)));
  }
}
