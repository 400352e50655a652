import { formatRate } from "../base/numbers";
import type { Run } from "../runs/run";
import type { BuiltRecipe, Framework, Recipe } from "../server/types";
import { Flag } from "../widgets/Flag";
import { useNarrow } from "../widgets/narrow";
import { Select } from "../widgets/Select";
import type { Field } from "./fields";
import { idOf, type Origin, type SuggestedRates } from "./planner";

interface PlanFormProps {
  /** The runs that a schedule can start from. */
  readonly runs: readonly Run[];
  readonly onRun: (id: string) => void;
  readonly recipes: readonly Recipe[];
  readonly recipe: Recipe | null;
  readonly onRecipe: (name: string) => void;
  readonly fields: readonly Field[];
  readonly onType: (key: string, text: string) => void;
  readonly origin: Origin | null;
  /** The rates that the origin suggests for this recipe. */
  readonly suggested: SuggestedRates | null;
  readonly onTakeSuggested: () => void;
  readonly framework: Framework;
  readonly onFramework: (framework: Framework) => void;
  /** The reason why the schedule of the fields could not be built; null where it could. */
  readonly problem: string | null;
  readonly isFineTuning: boolean;
  readonly onFineTune: (isWanted: boolean) => void;
  /** The last schedule that could be built. */
  readonly built: BuiltRecipe | null;
}

const FRAMEWORK_NAMES: readonly (readonly [Framework, string])[] = [
  ["keras", "Keras"],
  ["pytorch", "PyTorch"],
];

/** The form with the recipe and its fields. */
export function PlanForm(props: PlanFormProps) {
  const { recipes, recipe, onRecipe, fields, onType, origin, problem, built } = props;
  const of = (group: Field["group"]) => fields.filter((field) => field.group === group);
  return (
    <form class="plan-form" aria-label="The schedule" onSubmit={(event) => event.preventDefault()}>
      {origin && (
        <Choice id="plan-run" label="Rates from" options={runsOf(props)} value={idOf(origin)} onChange={props.onRun} />
      )}
      <Choice
        id="recipe"
        label="Schedule"
        options={recipes.map(({ name, label }) => [name, label])}
        value={recipe?.name ?? ""}
        onChange={onRecipe}
      />
      {recipe && <p class="muted note wide">{recipe.description}</p>}
      <Inputs fields={of("rate")} onType={onType} />
      <Source {...props} isTyped={of("rate").some(({ isTyped }) => isTyped)} />
      {built?.margin && (
        <p class={built.margin.isAbove ? "problem wide" : "muted note wide"} data-testid="plan-margin">
          {built.margin.sentence}
        </p>
      )}
      <Inputs fields={of("size")} onType={onType} />
      <Choice
        id="framework"
        label="Code for"
        options={FRAMEWORK_NAMES}
        value={props.framework}
        onChange={props.onFramework}
      />
      <Flag
        label="Fine-tuning a pretrained model"
        name="fine-tuning"
        value={props.isFineTuning}
        onChange={props.onFineTune}
      />
      {recipe && <p class="muted note wide">{recipe.fineTuning}</p>}
      {recipe && <OwnInputs label={recipe.label} fields={of("own")} onType={onType} />}
      {problem && (
        <p class="problem wide" role="alert" data-testid="plan-problem">
          {problem} {built && "Shown is the last schedule that could be built."}
        </p>
      )}
    </form>
  );
}

/** The tests that rates may come from: those shown, and the one that they do come from. */
function runsOf({ runs, origin }: PlanFormProps): [string, string][] {
  const names = new Map(runs.map(({ trace, label }) => [trace.id, label]));
  return [...names.set(idOf(origin!), origin!.run ?? "Picked on the chart")];
}

interface ChoiceProps<T extends string> {
  readonly id: string;
  readonly label: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ label, ...select }: ChoiceProps<T>) {
  return (
    <div class="input wide">
      <label for={select.id}>{label}</label>
      <Select testId={select.id} {...select} />
    </div>
  );
}

interface InputsProps {
  readonly fields: readonly Field[];
  readonly onType: PlanFormProps["onType"];
}

function Inputs({ fields, onType }: InputsProps) {
  return fields.map((field) => {
    const name = field.key.slice(field.key.indexOf("/") + 1);
    return (
      <div key={field.key} class="input" data-key={field.key}>
        <label for={`field-${name}`}>{field.label}</label>
        <Input name={name} field={field} onType={(text) => onType(field.key, text)} />
        {field.help && (
          <small class="tooltip" id={`help-${name}`}>
            {field.help}
          </small>
        )}
      </div>
    );
  });
}

/** The fields that only this recipe has, folded where there is little room. */
function OwnInputs({ label, ...inputs }: InputsProps & { readonly label: string }) {
  const isNarrow = useNarrow();
  if (inputs.fields.length === 0) return null;
  return (
    <details class="wide" open={!isNarrow}>
      <summary>{label}</summary>
      <div class="fields">
        <Inputs {...inputs} />
      </div>
    </details>
  );
}

interface InputProps {
  readonly name: string;
  readonly field: Field;
  readonly onType: (text: string) => void;
}

function Input({ name, field: { choices, value, fallback, help }, onType }: InputProps) {
  const shared = {
    id: `field-${name}`,
    value,
    "data-name": name,
    ...(help && { "aria-describedby": `help-${name}` }),
  };
  if (choices === null) {
    return (
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        placeholder={fallback}
        data-testid="field"
        {...shared}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    );
  }
  return (
    <Select
      {...shared}
      testId="field"
      options={choices.map((choice) => [choice, choice.replaceAll("_", " ")])}
      onChange={onType}
    />
  );
}

type SourceProps = Pick<PlanFormProps, "origin" | "suggested" | "onTakeSuggested"> & {
  readonly isTyped: boolean;
};

/** The origin of the rates, and the way back to them once others were typed. */
function Source({ origin, suggested, isTyped, onTakeSuggested }: SourceProps) {
  if (!suggested) return null;
  const { label, learningRate, lower, reasons } = suggested;
  const rates = [lower, learningRate].filter((rate) => rate !== null).map(formatRate);
  if (isTyped) {
    return (
      <button type="button" class="quiet note wide" data-testid="take-suggested" onClick={onTakeSuggested}>
        Back to {rates.join(" – ")}
      </button>
    );
  }
  if (label === null) return null;
  const words = `The ${label[0]!.toLowerCase()}${label.slice(1)} suggested for ${origin!.run}.`;
  return (
    <p class="muted note wide" data-testid="rate-source">
      {[words, ...reasons].join(" ")}
    </p>
  );
}
