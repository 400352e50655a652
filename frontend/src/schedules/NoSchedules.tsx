import { Code, Message } from "../runs/messages";

const KERAS = `from tb_lrfinder import LRRecorder

model.fit(x, y, epochs=20, callbacks=[LRRecorder("logs/run")])`;
const PYTORCH = `from tb_lrfinder import ScheduleWriter

with ScheduleWriter("logs/run", optimizer=optimizer, driver=scheduler) as writer:
    for x, y in loader:
        loss = train_step(x, y)  # your own step
        writer.record(optimizer, loss=loss)
        scheduler.step()`;
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
      <Code text={KERAS} label="Copy the code for Keras" />
      <p>Or in a loop of PyTorch:</p>
      <Code text={PYTORCH} label="Copy the code for PyTorch" />
      <p>Or look at a schedule before you train with it:</p>
      <Code text={PLAN} label="Copy the code for a plan" />
      <p class="muted">A training that runs appears here by itself and grows while it trains.</p>
    </Message>
  );
}
