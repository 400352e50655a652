import { Swatch } from "../chart/Swatch";
import { Select } from "../widgets/Select";
import type { Group, GroupingName } from "./groups";
import type { Run } from "./run";
import { SelectSeveral } from "./SelectSeveral";

const LABELS: readonly (readonly [GroupingName, string])[] = [
  ["none", "Nothing"],
  ["optimizer", "Optimizer"],
  ["batch", "Batch size"],
  ["regex", "Name (regex)"],
];

interface GroupChoiceProps {
  readonly by: GroupingName;
  readonly onBy: (name: GroupingName) => void;
  readonly expression: string;
  readonly onExpression: (text: string) => void;
  readonly error: string | null;
  readonly groups: readonly Group<Run>[];
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
}

/** The choice of how runs are grouped, and the list of the groups. */
export function GroupChoice({ by, onBy, expression, onExpression, error, groups, onSelect }: GroupChoiceProps) {
  return (
    <div class="grouping">
      <label>
        Group by
        <Select testId="group-by" options={LABELS} value={by} onChange={onBy} />
      </label>
      {by === "regex" && (
        <input
          type="text"
          class={error ? "invalid" : ""}
          data-testid="group-expression"
          placeholder="e.g. (adam|sgd)"
          aria-label="Group runs by regular expression: what its first group, or all of it, finds in the name"
          aria-invalid={error !== null}
          value={expression}
          onInput={(event) => onExpression(event.currentTarget.value)}
        />
      )}
      {error && (
        <p class="warning" role="alert">
          {error}
        </p>
      )}
      {groups.length > 0 && (
        <ul aria-label="Groups">
          {groups.map(({ name, color, runs }) => (
            <li key={`${name} ${color}`} data-testid="group" data-name={name}>
              <SelectSeveral runs={runs} onSelect={onSelect}>
                <Swatch color={color} dash="" />
                <span class="run-name" title={name}>
                  {name}
                </span>
                <span class="muted">{runs.length}</span>
              </SelectSeveral>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
