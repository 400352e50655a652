import { Code, Message } from "../runs/messages";

const KERAS = `for width in (32, 64, 128):
    finder = LRFinder(f"logs/width-{width}", hparams={"width": width})
    build_model(width).fit(x, y, callbacks=[finder])`;
const PYTORCH = `with RangeTest(f"logs/width-{width}", hparams={"width": width},
               restore=model, optimizer=optimizer) as test:
    ...  # your own loop`;

/** The page while there is nothing to compare: how to record it. */
export function NoSettings({ title }: { readonly title: string }) {
  return (
    <Message title={title} testId="state-empty">
      <p>
        This view shows how the suggested rate changes with a setting. Run a test for each of several batch sizes,
        optimizers, or values of your own, each in a directory of its own. In Keras:
      </p>
      <Code text={KERAS} label="Copy the code for Keras" />
      <p>In PyTorch, where a batch size is named like any other setting:</p>
      <Code text={PYTORCH} label="Copy the code for PyTorch" />
    </Message>
  );
}
