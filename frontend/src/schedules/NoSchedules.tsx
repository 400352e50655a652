import { Code, Message } from "../runs/messages";

const RECORD = `from tb_lrfinder import LRRecorder

model.fit(x, y, epochs=20, callbacks=[LRRecorder("logs/run")])`;
const PLAN = `from tb_lrfinder import plan

plan(schedule, steps, "logs/plan")`;

/** The page while there is neither a training nor a plan: how to record one. */
export function NoSchedules() {
  return (
    <Message title="No schedule recorded yet" testId="state-empty">
      <p>
        This view shows the learning rate that a training really used, step by step, whoever set it: a schedule, a
        callback or your own code. Record one in a Keras script:
      </p>
      <Code text={RECORD} label="Copy the code" />
      <p>Or look at a schedule before you train with it:</p>
      <Code text={PLAN} label="Copy the code" />
      <p class="muted">A training that runs appears here by itself and grows while it trains.</p>
    </Message>
  );
}
