import { Code, Message } from "../runs/messages";

const KERAS = `finder = LRFinder("logs/width-64", hparams={"width": 64})
model.fit(x, y, callbacks=[finder])`;
const PYTORCH = `with RangeTest("logs/width-64", hparams={"width": 64},
               restore=model, optimizer=optimizer) as test:
    ...  # your own loop`;

/** The page while there is nothing to compare: how to record it. */
export function NoSettings({ title }: { readonly title: string }) {
  return (
    <Message title={title} testId="state-empty">
      <p>This view shows how the suggested rate changes with a setting. Run a test for each of its values, in Keras:</p>
      <Code text={KERAS} label="Copy the code for Keras" />
      <p>Or in a loop of PyTorch:</p>
      <Code text={PYTORCH} label="Copy the code for PyTorch" />
      <p class="muted">The optimizer and its settings are known without naming them, in Keras the batch size too.</p>
    </Message>
  );
}
