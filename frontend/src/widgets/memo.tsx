import { Component, type FunctionComponent } from "preact";

/**
 * A component that is drawn again only when its data change. Functions do not count: pages create them anew, but they do
 * the same as before.
 */
export function memo<P extends object>(Draw: FunctionComponent<P>) {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return Object.entries(next).some(
        ([name, value]) => typeof value !== "function" && value !== this.props[name as keyof P],
      );
    }

    override render() {
      return <Draw {...this.props} />;
    }
  };
}
