using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Rewards added with weights; sums in sums are flattened.</summary>
internal sealed class WeightedSum : Reward
{
    private readonly IReadOnlyList<(IRewardFunction Reward, double Weight)> _terms;

    private WeightedSum(IReadOnlyList<(IRewardFunction Reward, double Weight)> terms)
    {
        if (terms.FirstOrDefault(term => string.IsNullOrEmpty(term.Reward.Name)).Reward is { } nameless)
            throw new ArgumentException($"A reward of the sum, a {nameless.GetType().Name}, has no name. Give it one: messages and the step record call it by that.");
        string? repeated = terms.GroupBy(term => term.Reward.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (repeated is not null)
            throw new ArgumentException($"Two rewards of the sum are named '{repeated}'. Give each its own name, or weight one of them instead of adding it twice.");
        _terms = terms;
    }

    public override string Name => string.Concat(_terms.Select(NameOf));

    public override RewardInputs Inputs => _terms.Aggregate(RewardInputs.None, (inputs, term) => inputs | term.Reward.Inputs);

    public override bool IsDifferentiable => _terms.All(term => term.Reward.IsDifferentiable);

    public static WeightedSum Of(IRewardFunction left, IRewardFunction right) => new([.. Terms(left, 1), .. Terms(right, 1)]);

    public static WeightedSum Scaled(IRewardFunction reward, double weight)
    {
        List<(IRewardFunction Reward, double Weight)> terms = [.. Terms(reward, weight)];
        return terms.All(term => double.IsFinite(term.Weight))
            ? new(terms)
            : throw new ArgumentOutOfRangeException(nameof(weight), weight, "The weight of a reward must be finite, also when multiplied by the weights it has already.");
    }

    /// <summary>The rewards that are added up.</summary>
    public IEnumerable<IRewardFunction> Rewards => _terms.Select(term => term.Reward);

    /// <summary>Every term that can say where it comes from is localised; the others count alike from every position.</summary>
    public WeightedSum LocalisedTerms(int neighbourhood, double wholeImage)
    {
        if (_terms.FirstOrDefault(term => term.Reward is LocalisedReward).Reward is { } localised)
            throw new ArgumentException($"'{localised.Name}' is localised already. Localise the whole sum once, or each of its terms before they are added.");
        if (!_terms.Any(term => term.Reward is ILocalReward))
            throw new ArgumentException($"None of '{Name}' can say where in the image it comes from. Localise a sum with at least one {nameof(ILocalReward)}, such as the mean squared error.");
        return new([.. _terms.Select(term => (term.Reward is ILocalReward local ? new LocalisedReward(local, neighbourhood, wholeImage) : term.Reward, term.Weight))]);
    }

    public override IRewardScorer Prepare(Tensor? targets, Condition condition)
    {
        var scorers = new List<IRewardScorer>();
        try
        {
            foreach ((IRewardFunction reward, _) in _terms)
                scorers.Add(RewardCall.Of(reward.Name, () => reward.Prepare(targets, condition)) ?? throw new RewardException(reward.Name, "its Prepare returned null instead of a scorer."));
        }
        catch
        {
            scorers.ForEach(scorer => scorer.Dispose());
            throw;
        }

        return new Scorer(_terms, scorers);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (IDisposable term in _terms.Select(term => term.Reward).OfType<IDisposable>())
                term.Dispose();
        }

        base.Dispose(disposing);
    }

    private static IEnumerable<(IRewardFunction Reward, double Weight)> Terms(IRewardFunction reward, double weight)
    {
        ArgumentNullException.ThrowIfNull(reward);
        return reward is WeightedSum sum ? sum._terms.Select(term => (term.Reward, term.Weight * weight)) : [(reward, weight)];
    }

    private static string NameOf((IRewardFunction Reward, double Weight) term, int index)
    {
        string sign = (index, term.Weight < 0) switch { (0, false) => "", (0, true) => "-", (_, false) => " + ", _ => " - " };
        double size = Math.Abs(term.Weight);
        return size == 1 ? sign + term.Reward.Name : string.Create(CultureInfo.InvariantCulture, $"{sign}{size} * {term.Reward.Name}");
    }

    /// <summary>Scores each term and adds them up.</summary>
    internal sealed class Scorer(IReadOnlyList<(IRewardFunction Reward, double Weight)> terms, List<IRewardScorer> scorers) : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using var check = new RewardCheck();
            RewardBatch scored = Score(chunk, check);
            try
            {
                check.ThrowIfNotFinite();
                return scored;
            }
            catch
            {
                scored.Dispose();
                throw;
            }
        }

        /// <param name="chunk">The samples.</param>
        /// <param name="check">Looks at every term; the caller asks it in the end.</param>
        public RewardBatch Score(RewardChunk chunk, RewardCheck check)
        {
            using DisposeScope scope = NewDisposeScope();
            var components = new Dictionary<string, Tensor>();
            Tensor? values = null;
            Tensor? positions = null; // (N, T), of the terms that have values a position
            Tensor? alike = null; // (N), of the terms whose value is the same seen from every position
            for (int index = 0; index < terms.Count; index++)
            {
                (IRewardFunction reward, double weight) = terms[index];
                IRewardScorer scorer = scorers[index];
                using RewardBatch scored = RewardCall.Of(reward.Name, () => scorer.Score(chunk));
                check.Look(reward.Name, scored, chunk.SampleCount, chunk.Tokens.shape[1]);
                values = Plus(values, scored.Values * weight);
                if (scored.PositionValues is { } perPosition)
                    positions = Plus(positions, perPosition * weight);
                else
                    alike = Plus(alike, scored.Values * weight);
                void Record(string name, Tensor part) => components[components.ContainsKey(name) ? $"{reward.Name}: {name}" : name] = part.alias();
                foreach ((string name, Tensor part) in scored.Components)
                    Record(name, part);
                if (scored.Components.Count == 0)
                    Record(reward.Name, scored.Values);
            }

            if (positions is not null && alike is not null)
                positions = positions + alike.unsqueeze(-1);
            return new RewardBatch(values!, components, positions);
        }

        public void Dispose() => scorers.ForEach(scorer => scorer.Dispose());

        private static Tensor Plus(Tensor? sum, Tensor term) => sum is null ? term : sum + term;
    }
}
