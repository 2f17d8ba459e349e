using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Runs;
using VaPi.Alignment.Stopping;
using VaPi.Alignment.Surrogates;
using VaPi.Data;
using VaPi.Native;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Alignment;

/// <summary>
/// Puts a trainer together. A tokenizer, a policy, a reward and images are needed; everything else has the published recipe's
/// default. What it is given stays the caller's, to be disposed after the trainer.
/// </summary>
public sealed class AlignmentTrainerBuilder
{
    private readonly List<IRegulariser> _regularisers = [];
    private IAdvantageEstimator? _advantage;
    private Action<IReadOnlyList<(string Name, Tensor Gradient)>>? _gradientHook;
    private IImageSource? _images;
    private ILogger _logger = NullLogger.Instance;
    private IMeterFactory? _meterFactory;
    private string? _name;
    private AlignmentOptions _options = new();
    private IAutoregressivePolicy? _policy;
    private IRewardFunction? _reward;
    private IRolloutSource _rollouts = new TeacherForced();
    private (string Path, RunFolderOptions Options)? _runFolder;
    private EarlyStopping? _stopping;
    private double? _straightThrough;
    private ISurrogate? _surrogate;
    private ITokenizer? _tokenizer;

    internal AlignmentTrainerBuilder()
    {
    }

    /// <summary>The frozen tokenizer.</summary>
    public AlignmentTrainerBuilder WithTokenizer(ITokenizer tokenizer) => Set(ref _tokenizer, tokenizer);

    /// <summary>The policy to align; its parameters change in place.</summary>
    public AlignmentTrainerBuilder WithPolicy(IAutoregressivePolicy policy) => Set(ref _policy, policy);

    /// <summary>What good samples are.</summary>
    public AlignmentTrainerBuilder WithReward(IRewardFunction reward) => Set(ref _reward, reward);

    /// <summary>The images to align on.</summary>
    public AlignmentTrainerBuilder WithImages(IImageSource images) => Set(ref _images, images);

    /// <summary>Where samples come from; teacher-forced on a noisy prefix if not called.</summary>
    public AlignmentTrainerBuilder WithRollouts(IRolloutSource rollouts) => Set(ref _rollouts!, rollouts);

    /// <summary>How advantages are estimated; normalised over the group if not called.</summary>
    public AlignmentTrainerBuilder WithAdvantage(IAdvantageEstimator advantage) => Set(ref _advantage, advantage);

    /// <summary>The policy loss; the clipped ratio with the options' clip range if not called.</summary>
    public AlignmentTrainerBuilder WithSurrogate(ISurrogate surrogate) => Set(ref _surrogate, surrogate);

    /// <summary>
    /// Straight-through estimation in place of advantages and a surrogate: the reward itself is differentiated, through the decoder
    /// to the codebook vectors, and from those through the draw of the tokens as if it had been a softmax with Gumbel noise. Needs
    /// an <see cref="IDifferentiableTokenizer"/>, a reward that is <see cref="IRewardFunction.IsDifferentiable"/>, and rollouts that
    /// give their <see cref="Rollout.Perturbation"/>, as <see cref="TeacherForced"/> does. The published baseline
    /// has a <see cref="AlignmentOptions.GroupSize"/> of 1 and no <see cref="AlignmentOptions.ContextNoise"/>.
    /// </summary>
    /// <param name="temperature">λ, above 0: the softmax's own temperature, by which the sum of logits / τ and noise is divided.</param>
    public AlignmentTrainerBuilder WithStraightThrough(double temperature = 1)
    {
        _straightThrough = temperature;
        return this;
    }

    /// <summary>A further term beside the prior and the KL divergence, which the options switch on.</summary>
    public AlignmentTrainerBuilder WithRegulariser(IRegulariser regulariser)
    {
        ArgumentNullException.ThrowIfNull(regulariser);
        _regularisers.Add(regulariser);
        return this;
    }

    /// <summary>Where messages go; nowhere if not called.</summary>
    public AlignmentTrainerBuilder WithLogger(ILogger logger) => Set(ref _logger!, logger);

    /// <summary>Names the run in its measurements, so that those of several runs can be told apart; without a name if not called.</summary>
    public AlignmentTrainerBuilder WithName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Set(ref _name, name);
    }

    /// <summary>Whose meter measurements go to; one of the process's own if not called. See <c>docs/observability.md</c>.</summary>
    public AlignmentTrainerBuilder WithMeterFactory(IMeterFactory factory) => Set(ref _meterFactory, factory);

    /// <summary>
    /// Called when an update's gradients are complete, before they are clipped: to average them across processes, or to look
    /// at them. The gradients stay the trainer's; they may be changed in place.
    /// </summary>
    public AlignmentTrainerBuilder OnGradients(Action<IReadOnlyList<(string Name, Tensor Gradient)>> hook) => Set(ref _gradientHook, hook);

    /// <summary>
    /// Ends the run once the policy no longer gets better on what it is not trained on; never if not called. The run has then
    /// an end for <see cref="AlignmentTrainer.Step"/> too, which throws after it.
    /// </summary>
    public AlignmentTrainerBuilder StopEarly(EarlyStopping stopping) => Set(ref _stopping, stopping);

    /// <summary>
    /// Keeps the run in a folder: checkpoints, and the metrics of every rollout. A trainer that is built with the folder of a run
    /// that was stopped, however it was, goes on with it as if it had never been: on the CPU, with the same number of threads, bit
    /// for bit. Give it the same starting policy, parts and options. See <c>docs/resuming.md</c>.
    /// </summary>
    /// <param name="path">A new or empty folder, or that of an earlier run. No second trainer can have it meanwhile.</param>
    /// <param name="configure">Changes when checkpoints are written and which are kept.</param>
    public AlignmentTrainerBuilder WithRunFolder(string path, Action<RunFolderOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new RunFolderOptions();
        configure?.Invoke(options);
        _runFolder = (path, options.Clone());
        return this;
    }

    /// <summary>Changes options; may be called more than once.</summary>
    public AlignmentTrainerBuilder Configure(Action<AlignmentOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(_options);
        return this;
    }

    /// <summary>Starts from a copy of these options.</summary>
    public AlignmentTrainerBuilder WithOptions(AlignmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Clone();
        return this;
    }

    /// <summary>Checks everything and makes the trainer.</summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="OptionsValidationException">Options are out of range; every one is named with its value and range.</exception>
    /// <exception cref="InvalidOperationException">A part is missing, or parts do not fit together; the message names them all.</exception>
    /// <exception cref="RunFolderException">The run folder is in use, is of another run, or cannot be used.</exception>
    public AlignmentTrainer Build()
    {
        AlignmentOptionsValidator.ThrowIfInvalid(_options);
        List<string> problems = [.. Missing()];
        if (problems.Count == 0)
            problems.AddRange(Misfits(_tokenizer!, _policy!, _reward!, _images!));
        if (problems.Count == 0 && _straightThrough is { } temperature)
            problems.AddRange(StraightThrough.Problems(_tokenizer!, _reward!, _options, _surrogate is not null, _advantage is not null, temperature));
        problems.AddRange(_stopping?.Problems() ?? []);
        problems.AddRange(_runFolder?.Options.Problems() ?? []);
        if (problems.Count > 0)
            throw new InvalidOperationException($"The trainer cannot be built: {string.Join(" ", problems)}");

        AlignmentOptions options = _options.Clone();
        if (_runFolder is not { } folder)
            return Build(options, run: null);
        var run = OpenRun.Open(folder.Path, folder.Options, _stopping, _logger);
        AlignmentTrainer? trainer = null;
        try
        {
            trainer = Build(options, run);
            trainer.TakeUp(Parts(options));
            return trainer;
        }
        catch
        {
            trainer?.Dispose();
            run.Dispose();
            throw;
        }
    }

    private AlignmentTrainer Build(AlignmentOptions options, OpenRun? run) =>
        new(
            _tokenizer!,
            _policy!,
            _reward!,
            _images!,
            _rollouts,
            _advantage ?? new GroupNormalised(),
            Surrogate(options),
            Regularisers(options),
            options,
            _straightThrough is { } relaxation ? new StraightThrough((IDifferentiableTokenizer)_tokenizer!, relaxation) : null,
            _gradientHook,
            _stopping,
            run,
            _logger,
            new AlignmentMeter(_meterFactory, _name));

    // What decides a run's numbers beside the options. Parts of one's own are known by their type alone.
    private IEnumerable<(string Name, string Value)> Parts(AlignmentOptions options) =>
    [
        ("tokenizer", $"{_tokenizer!.GetType().Name} {_tokenizer.Fingerprint} {_tokenizer.ImageSize} {_tokenizer.Layout}"),
        ("policy", $"{_policy!.GetType().Name} of {_policy.VocabularySize} tokens"),
        ("reward", _reward!.Name),
        ("images", $"{_images!.Count} {_images.Fingerprint}"),
        ("rollout source", _rollouts.GetType().Name),
        ("advantage", (_advantage?.GetType() ?? typeof(GroupNormalised)).Name),
        ("surrogate", Surrogate(options).GetType().Name),
        ("straight-through temperature", FormattableString.Invariant($"{_straightThrough}")),
        .. _regularisers.Select(regulariser => ($"regulariser '{regulariser.Name}'", FormattableString.Invariant($"{regulariser.GetType().Name} {regulariser.Weight}"))),
        .. _stopping is null ? [] : RunSettings.OfStopping(_stopping),
    ];

    private AlignmentTrainerBuilder Set<T>(ref T? field, T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        field = value;
        return this;
    }

    private ISurrogate Surrogate(AlignmentOptions options) =>
        _straightThrough is null ? _surrogate ?? new ClippedRatio(options.ClipLow, options.ClipHigh) : StraightThrough.Surrogate;

    private List<IRegulariser> Regularisers(AlignmentOptions options)
    {
        var all = new List<IRegulariser>();

        // Reported even at weight 0 where there are true tokens: it costs nothing beside the forward pass.
        if (_rollouts.HasTargets)
            all.Add(new PriorTerm(options.PriorWeight));
        if (PolicyPasses.NeedsReference(options))
            all.Add(new KlToStart(options.KlWeight));
        all.AddRange(_regularisers);
        return all;
    }

    private IEnumerable<string> Missing()
    {
        if (_tokenizer is null)
            yield return $"It has no tokenizer; call {nameof(WithTokenizer)}.";
        if (_policy is null)
            yield return $"It has no policy; call {nameof(WithPolicy)}.";
        if (_reward is null)
            yield return $"It has no reward; call {nameof(WithReward)}.";
        if (_images is null)
            yield return $"It has no images; call {nameof(WithImages)}.";
    }

    // A step moves nothing between devices but the images and random numbers that it is given.
    private static IEnumerable<string> Misplaced(ITokenizer tokenizer, IAutoregressivePolicy policy, IRewardFunction reward)
    {
        IEnumerable<IRewardFunction> rewards = reward is WeightedSum sum ? sum.Rewards : [reward];
        (string Part, Device? Device)[] parts = [("tokenizer", tokenizer.Device), .. rewards.Select(term => ($"reward '{term.Name}'", term.Device))];
        foreach ((string part, Device? device) in parts)
        {
            if (device is not null && !ComputeDevice.AreSame(device, policy.Device))
                yield return $"The {part} is on the device {device} but the policy on {policy.Device}; they must be on the same. Give the same device when both are loaded, such as device: {nameof(ComputeDevice)}.{nameof(ComputeDevice.Parse)}(\"{policy.Device}\").";
        }
    }

    // Such a parameter would be updated twice, each time with the whole gradient.
    private static IEnumerable<string> Repeated(IAutoregressivePolicy policy)
    {
        List<(string Name, TorchSharp.Modules.Parameter Parameter)> named = [.. policy.NamedParameters()];
        foreach (var same in named.GroupBy(entry => entry.Parameter.Handle).Where(same => same.Count() > 1))
            yield return $"One of the policy's NamedParameters comes {same.Count()} times, as {string.Join(" and ", same.Select(entry => $"'{entry.Name}'"))}; a weight that is shared must be named once.";
        foreach (var same in named.GroupBy(entry => entry.Name).Where(same => same.Select(entry => entry.Parameter.Handle).Distinct().Count() > 1))
            yield return $"Several of the policy's NamedParameters are called '{same.Key}'; give each a name of its own.";
    }

    private IEnumerable<string> Misfits(ITokenizer tokenizer, IAutoregressivePolicy policy, IRewardFunction reward, IImageSource images)
    {
        if (tokenizer.CodebookSize != policy.VocabularySize)
        {
            yield return $"The tokenizer's codebook has {tokenizer.CodebookSize} entries but the policy chooses from {policy.VocabularySize} tokens; they must be the same. Use the tokenizer that the policy was trained with.";
        }

        if (tokenizer.Layout.TokenCount != policy.TokenCount)
        {
            yield return $"The tokenizer makes {tokenizer.Layout.TokenCount} tokens ({tokenizer.Layout}) of an image but the policy predicts {policy.TokenCount}; they must be the same. Check the image size of the one and the grid of the other.";
        }

        foreach (string misplaced in Misplaced(tokenizer, policy, reward))
            yield return misplaced;
        if (images.ImageSize != tokenizer.ImageSize)
            yield return $"The images are {images.ImageSize} pixels but the tokenizer takes {tokenizer.ImageSize}; open the images at that size.";
        if (images is CodedImages coded && coded.TokenizerFingerprint != tokenizer.Fingerprint)
            yield return $"The images' tokens were made by the tokenizer {coded.TokenizerFingerprint}, but this one is {tokenizer.Fingerprint ?? "without a fingerprint"}; use the one that made them, or extract them again.";
        if (images.Count < 1)
            yield return "The image source is empty; give it at least one image.";
        if (_options.GroupSize < 2 && Surrogate(_options).NeedsAdvantages)
            yield return $"GroupSize is {_options.GroupSize} but advantages compare the samples of a group with each other; set it to 2 or more.";
        if (_rollouts is FreeRunning && policy is not Generation.ITokenGenerator)
            yield return FreeRunning.CannotGenerate(policy);
        if (reward.Inputs.HasFlag(RewardInputs.Targets) && !_rollouts.HasTargets)
            yield return $"The reward '{reward.Name}' compares with original images, which {_rollouts.GetType().Name} rollouts do not have; use another reward.";
        if (!_rollouts.HasTargets && _regularisers.FirstOrDefault(regulariser => regulariser.NeedsTruth) is { } needy)
            yield return $"The regulariser '{needy.Name}' needs true tokens, which {_rollouts.GetType().Name} rollouts do not have; leave it out.";
        string[] names = ["prior", "kl", .. _regularisers.Select(regulariser => regulariser.Name)];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key is { } repeated)
            yield return $"Two regularisers are named '{repeated}'; give each its own name ('prior' and 'kl' are taken by the options' own terms).";
        foreach (string problem in Repeated(policy))
            yield return problem;
        if (!policy.NamedParameters().Any(named => named.Parameter.requires_grad))
            yield return "None of the policy's NamedParameters requires gradients, so nothing can be trained.";
    }
}
