import { Code, Message } from "../runs/messages";

const KERAS = `from tb_lrfinder import LRFinder

finder = LRFinder("logs/lr")
model.fit(x, y, epochs=3, callbacks=[finder])
print(finder.suggestion)`;
const PYTORCH = `from tb_lrfinder import RangeTest

with RangeTest("logs/lr", restore=model, optimizer=optimizer) as test:
    for x, y in test.batches(loader):
        test.report(train_step(x, y))  # your own step
print(test.suggestion)`;
const COMMAND = "tensorboard --logdir logs";

/** The page while no range test is recorded: what one is, and how to run it. */
export function NoTests() {
  return (
    <Message title="No learning rate test yet" testId="state-empty">
      <p>
        A learning rate range test trains for a few hundred steps while the rate grows from tiny to huge. The loss it
        records shows which rates learn, which are wasted and which diverge. Add it to a Keras script:
      </p>
      <Code text={KERAS} label="Copy the code for Keras" />
      <p>Or to a loop of PyTorch; the model is left as it was:</p>
      <Code text={PYTORCH} label="Copy the code for PyTorch" />
      <p>Then look at the directory above it:</p>
      <Code text={COMMAND} label="Copy the command" />
      <p class="muted">A test that runs appears here by itself and grows while it trains.</p>
    </Message>
  );
}
