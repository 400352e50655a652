/** Pages whose code is fetched when they are first shown: the tab opens sooner. */

import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { Failure, Loading } from "../runs/messages";

/** A page out of a module of its own. */
export function lazily<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  // In an object, since a signal would call a function that it is given.
  const loaded = signal<{ readonly Page: FunctionComponent<P> } | null>(null);
  const hasFailed = signal(false);
  let loading: Promise<void> | null = null;

  const begin = () => {
    hasFailed.value = false;
    loading = load().then(
      (Page) => {
        loaded.value = { Page };
      },
      () => {
        hasFailed.value = true;
      },
    );
  };
  return (props) => {
    if (hasFailed.value) return <Failure sentence="TensorBoard does not answer." onRetry={begin} />;
    if (loading === null) begin();
    const Page = loaded.value?.Page;
    return Page ? <Page {...props} /> : <Loading />;
  };
}
