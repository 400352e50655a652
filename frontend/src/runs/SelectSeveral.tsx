import type { ComponentChildren } from "preact";
import type { Run } from "./run";

interface SelectSeveralProps {
  readonly runs: readonly Run[];
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
  readonly children: ComponentChildren;
}

/** Shows or hides several runs at once. */
export function SelectSeveral({ runs, onSelect, children }: SelectSeveralProps) {
  const selected = runs.filter(({ isSelected }) => isSelected).length;
  const change = (event: { currentTarget: HTMLInputElement }) =>
    onSelect(
      runs.map(({ trace }) => trace.id),
      event.currentTarget.checked,
    );
  return (
    <label class="select-several">
      <input
        type="checkbox"
        checked={selected === runs.length}
        indeterminate={selected > 0 && selected < runs.length}
        onChange={change}
      />
      {children}
    </label>
  );
}
