/**
 * TensorBoard's smoothing: an exponential moving average with the bias of its zero start divided out.
 *
 * `last = w·last + (1 − w)·y; n += 1; out = last / (1 − wⁿ)`, from `last = 0`. A value that is not finite passes
 * through and leaves the average as it was; a series whose values are all equal stays exactly as it is. The source is
 * `classicSmoothing` in `tensorboard/webapp/widgets/line_chart_v2/data_transformer.ts`.
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  if (values.every((value) => value === values[0])) return values.slice();
  let last = 0;
  /** `wⁿ`, the weight that the zero still has. */
  let rest = 1;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    last = weight * last + (1 - weight) * value;
    rest *= weight;
    return last / (1 - rest);
  });
}
