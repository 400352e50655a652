import { Swatch } from "../chart/Swatch";
import { Select } from "../widgets/Select";
import { settingTitle } from "./differing";
import { type Group, REGEX, TAGS } from "./groups";
import type { Run } from "./run";
import { SelectSeveral } from "./SelectSeveral";

const LABELS = new Map([
  [TAGS, "Tags"],
  [REGEX, "Name (regex)"],
]);

interface GroupChoiceProps {
  /** The groupings that there are. */
  readonly offered: readonly string[];
  /** The one in force; empty for none. */
  readonly by: string;
  readonly onBy: (name: string) => void;
  readonly expression: string;
  readonly onExpression: (text: string) => void;
  readonly error: string | null;
  readonly groups: readonly Group<Run>[];
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
}

/** The choice of how runs are grouped, and the list of the groups. */
export function GroupChoice(props: GroupChoiceProps) {
  const { offered, by, onBy, expression, onExpression, error, groups, onSelect } = props;
  const options = offered.map((name) => [name, LABELS.get(name) ?? settingTitle(name)] as const);
  return (
    <div class="grouping">
      <label>
        Group by
        <Select testId="group-by" options={[["", "Nothing"], ...options]} value={by} onChange={onBy} />
      </label>
      {by === REGEX && (
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
