import { lcg } from './lcg.ts';
import { formatShort } from './numberText.ts';
import type { ResolvedParameters } from './parameters.ts';

/** The parameters section of a model file: every parameter of LightGBM 4.7, ours where we have it. */
export function parameterLines(parameters: ResolvedParameters): string[] {
  return template(parameters)
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .map((line) => (line.endsWith(':') ? `[${line} ]` : `[${line}]`));
}

const fileMetrics: Record<string, string> = {
  binaryLogloss: 'binary_logloss',
  binaryError: 'binary_error',
  multiLogloss: 'multi_logloss',
  multiError: 'multi_error',
};

const ownMetric: Record<string, string> = {
  regression: 'l2',
  regressionL1: 'l1',
  binary: 'binary_logloss',
  multiclass: 'multi_logloss',
  custom: '',
};

function template(p: ResolvedParameters): string {
  const { drop, objectiveSeed, extra } = unusedSeeds(p.seed);
  const flag = (value: boolean) => (value ? '1' : '0');
  const objective = p.objective === 'regressionL1' ? 'regression_l1' : p.objective;
  const metric =
    p.metric.length > 0
      ? p.metric.map((name) => fileMetrics[name] ?? name).join(',')
      : (ownMetric[p.objective] ?? p.objective);
  return `
    boosting: gbdt
    objective: ${objective}
    metric: ${metric}
    tree_learner: serial
    device_type: cpu
    data_sample_strategy: bagging
    data:
    valid:
    num_iterations: ${p.numIterations}
    learning_rate: ${formatShort(p.learningRate)}
    num_leaves: ${p.numLeaves}
    num_threads: 1
    seed: ${p.seed ?? 0}
    deterministic: 1
    force_col_wise: 1
    force_row_wise: 0
    histogram_pool_size: -1
    max_depth: ${p.maxDepth}
    min_data_in_leaf: ${p.minDataInLeaf}
    min_sum_hessian_in_leaf: ${formatShort(p.minSumHessianInLeaf)}
    bagging_fraction: ${formatShort(p.baggingFraction)}
    pos_bagging_fraction: 1
    neg_bagging_fraction: 1
    bagging_freq: ${p.baggingFreq}
    bagging_seed: ${p.baggingSeed}
    bagging_by_query: 0
    feature_fraction: ${formatShort(p.featureFraction)}
    feature_fraction_bynode: ${formatShort(p.featureFractionByNode)}
    feature_fraction_seed: ${p.featureFractionSeed}
    extra_trees: 0
    extra_seed: ${extra}
    early_stopping_round: ${p.earlyStoppingRound}
    early_stopping_min_delta: ${formatShort(p.earlyStoppingMinDelta)}
    first_metric_only: ${flag(p.firstMetricOnly)}
    max_delta_step: 0
    lambda_l1: ${formatShort(p.lambdaL1)}
    lambda_l2: ${formatShort(p.lambdaL2)}
    linear_lambda: 0
    min_gain_to_split: ${formatShort(p.minGainToSplit)}
    drop_rate: 0.1
    max_drop: 50
    skip_drop: 0.5
    xgboost_dart_mode: 0
    uniform_drop: 0
    drop_seed: ${drop}
    top_rate: 0.2
    other_rate: 0.1
    min_data_per_group: ${p.minDataPerGroup}
    max_cat_threshold: ${p.maxCatThreshold}
    cat_l2: ${formatShort(p.catL2)}
    cat_smooth: ${formatShort(p.catSmooth)}
    max_cat_to_onehot: ${p.maxCatToOnehot}
    top_k: 20
    monotone_constraints: ${p.monotoneConstraints.join(',')}
    monotone_constraints_method: basic
    monotone_penalty: 0
    feature_contri:
    forcedsplits_filename:
    refit_decay_rate: 0.9
    cegb_tradeoff: 1
    cegb_penalty_split: 0
    cegb_penalty_feature_lazy:
    cegb_penalty_feature_coupled:
    path_smooth: 0
    interaction_constraints:
    verbosity: -1
    saved_feature_importance_type: 0
    use_quantized_grad: 0
    num_grad_quant_bins: 4
    quant_train_renew_leaf: 0
    stochastic_rounding: 1
    linear_tree: 0
    max_bin: ${p.maxBin}
    max_bin_by_feature:
    min_data_in_bin: ${p.minDataInBin}
    bin_construct_sample_cnt: ${p.binConstructSampleCnt}
    data_random_seed: ${p.dataRandomSeed}
    is_enable_sparse: 1
    enable_bundle: 1
    use_missing: ${flag(p.useMissing)}
    zero_as_missing: 0
    feature_pre_filter: ${flag(p.featurePreFilter)}
    pre_partition: 0
    two_round: 0
    header: 0
    label_column:
    weight_column:
    group_column:
    ignore_column:
    categorical_feature:
    forcedbins_filename:
    precise_float_parser: 0
    parser_config_file:
    objective_seed: ${objectiveSeed}
    num_class: ${p.numClass}
    is_unbalance: ${flag(p.isUnbalance)}
    scale_pos_weight: ${formatShort(p.scalePosWeight)}
    sigmoid: ${formatShort(p.sigmoid)}
    boost_from_average: ${flag(p.boostFromAverage)}
    reg_sqrt: 0
    alpha: ${formatShort(p.alpha)}
    fair_c: ${formatShort(p.fairC)}
    poisson_max_delta_step: ${formatShort(p.poissonMaxDeltaStep)}
    tweedie_variance_power: 1.5
    lambdarank_truncation_level: 30
    lambdarank_norm: 1
    label_gain:
    lambdarank_position_bias_regularization: 0
    eval_at:
    multi_error_top_k: ${p.multiErrorTopK}
    auc_mu_weights:
    num_machines: 1
    local_listen_port: 12400
    time_out: 120
    machine_list_filename:
    machines:
    gpu_platform_id: -1
    gpu_device_id: -1
    gpu_device_id_list:
    gpu_use_dp: 0
    num_gpu: 1
  `;
}

// Seeds of what we do not have are drawn along with the others.
function unusedSeeds(seed: number | undefined) {
  if (seed === undefined) return { drop: 4, objectiveSeed: 5, extra: 6 };
  const stream = lcg(seed);
  const [, , drop, , objectiveSeed, extra] = Array.from({ length: 6 }, () => stream.nextShort(0, 32767));
  return { drop, objectiveSeed, extra };
}
