using TorchSharp;
using TorchSharp.Modules;
using VaPi.Generation;
using VaPi.Native;
using static TorchSharp.torch;

namespace VaPi.Conformance;

/// <summary>
/// Tries whether a policy does what <see cref="IAutoregressivePolicy"/> promises, with a few small passes: what a trainer cannot see, such
/// as a token that looks ahead, as well as what it would refuse. For a test of a policy of one's own, before it is trained.
/// </summary>
public static class PolicyCheck
{
    private const int Prefixes = 6;

    /// <summary>Tries every rule. The policy's gradients are cleared, and its parameters end as they began.</summary>
    /// <param name="policy">The policy, placed where it will be trained.</param>
    /// <param name="condition">Conditions of at least two images, on any device; two are enough. Stays the caller's.</param>
    /// <param name="seed">Decides the tokens that it is tried on.</param>
    /// <returns>The rules and what they came to; a policy that generates (<see cref="ITokenGenerator"/>) is asked to, as well.</returns>
    /// <exception cref="ArgumentException">There are fewer than two conditions.</exception>
    public static ConformanceReport Of(IAutoregressivePolicy policy, Condition condition, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(condition);
        if (condition.Count < 2)
            throw new ArgumentException($"There are {condition.Count} conditions; give at least two, so that images can be told apart.", nameof(condition));
        var rules = new Rules();
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        if (rules.Try("parameters", () => Parameters(policy)) && rules.Try("sizes", () => (policy is { VocabularySize: > 1, TokenCount: > 0 }, $"V is {policy.VocabularySize}, T is {policy.TokenCount}.")))
        {
            using Condition placed = condition.To(policy.Device);
            using var generator = new Generator(seed, CPU);
            Tensor context = randint(policy.VocabularySize, [placed.Count, policy.TokenCount], ScalarType.Int64, generator: generator).to(policy.Device);
            new Trial(policy, placed, context).Run(rules);
        }

        return rules.Report(policy);
    }

    private static (bool, string) Parameters(IAutoregressivePolicy policy)
    {
        List<(string Name, Parameter Parameter)> named = [.. policy.NamedParameters()];
        int trained = named.Count(entry => entry.Parameter.requires_grad);
        List<string> misplaced = [.. named.Where(entry => !ComputeDevice.AreSame(entry.Parameter.device, policy.Device)).Select(entry => $"'{entry.Name}'")];
        if (trained == 0)
            return (false, "None of NamedParameters requires gradients, so nothing can be trained.");
        if (named.DistinctBy(entry => entry.Name).Count() < named.Count || named.DistinctBy(entry => entry.Parameter.Handle).Count() < named.Count)
            return (false, "NamedParameters has a name or a parameter twice; each must come once.");
        return misplaced.Count > 0
            ? (false, $"{string.Join(", ", misplaced.Take(5))} is not on the policy's Device, {policy.Device}.")
            : (true, $"{trained} of {named.Count} are trained, {named.Where(entry => entry.Parameter.requires_grad).Sum(entry => entry.Parameter.numel())} numbers.");
    }

    /// <summary>The rules that need a pass. Gradients are off but where they are asked for.</summary>
    private sealed class Trial(IAutoregressivePolicy policy, Condition condition, Tensor context)
    {
        private static readonly ScalarType[] Computed = [ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16];
        private static readonly ScalarType[] Logged = [ScalarType.Float32, ScalarType.Float64];

        // What rounding may come to, as a share of the largest logit.
        private readonly double _tolerance = policy.NamedParameters().Any(named => named.Parameter.dtype is ScalarType.BFloat16 or ScalarType.Float16) ? 0.05 : 1e-4;

        private long Images => context.shape[0];

        private long Length => context.shape[1];

        public void Run(Rules rules)
        {
            if (!rules.Try("features", Features) || !rules.Try("logits", Logits))
                return;
            rules.Try("position by position", Chunks);
            rules.Try("evaluation mode", Repeats);
            rules.Try("images apart", Rows);
            rules.Try("causality", Causality);
            rules.Try("prefix", Prefix);
            if (rules.Try("gradients", Gradients))
                rules.Try("reference", Reference);
            if (policy is ITokenGenerator generator)
                rules.Try("generation", () => Generation(generator));
        }

        // (B, T, V), float32 or float64
        private Tensor LogitsOf(Tensor tokens) => policy.Head(policy.Features(condition, tokens, PolicyMode.Evaluation));

        private (bool, string) Features()
        {
            Tensor before = context.clone();
            Tensor features = policy.Features(condition, context, PolicyMode.Evaluation);
            if (features.dim() != 3)
                return (false, $"Features gave {Rules.Shape(features)}; it must be ({Images}, {Length}, D).");
            if (context.IsInvalid || !Rules.AreEqual(context, before))
                return (false, "Features changed or disposed its context, which stays the caller's.");
            return Rules.Misfit(features, "What Features gave", policy.Device, Computed, Images, Length, features.shape[2]) is { } misfit ? (false, misfit) : (true, $"{Rules.Shape(features)}.");
        }

        private (bool, string) Logits()
        {
            Tensor features = policy.Features(condition, context, PolicyMode.Evaluation);
            Tensor logits = policy.Head(features);
            if (features.IsInvalid)
                return (false, "Head disposed the features, which stay the caller's.");
            return Rules.Misfit(logits, "What Head gave", policy.Device, Logged, Images, Length, policy.VocabularySize) is { } misfit ? (false, misfit) : (true, $"{Rules.Shape(logits)}.");
        }

        private (bool, string) Chunks()
        {
            Tensor features = policy.Features(condition, context, PolicyMode.Evaluation);
            Tensor whole = policy.Head(features);
            Tensor parts = cat([.. Enumerable.Range(0, (int)Length).Select(position => policy.Head(features.narrow(1, position, 1)))], 1);
            return Same(whole, parts, "Head gives each position alone what it gives it among all.", "Head gives other logits for a position alone than among all. It must work position by position: move what mixes positions into Features.");
        }

        private (bool, string) Repeats() => Same(
            LogitsOf(context), LogitsOf(context), "Two passes give the same.", "Two passes in PolicyMode.Evaluation give other logits. Switch off dropout and everything else that is random in this mode.");

        private (bool, string) Rows()
        {
            using Condition alone = condition.Select([1]);
            Tensor single = policy.Head(policy.Features(alone, context.narrow(0, 1, 1), PolicyMode.Evaluation));
            return Same(LogitsOf(context).narrow(0, 1, 1), single, "An image gets the same alone as in a batch.", "An image gets other logits alone than in a batch. Nothing may mix the images of a batch, such as statistics of the batch.");
        }

        private (bool, string) Causality()
        {
            Tensor logits = LogitsOf(context);
            foreach (int first in Starts())
            {
                Tensor changed = LogitsOf(Changed(first, Length - first)); // tokens 0 … first-1 are as they were
                if (Rules.Difference(logits.narrow(1, 0, first + 1), changed.narrow(1, 0, first + 1)) is var difference && difference > _tolerance)
                    return (false, $"With other tokens from position {first} on, the logits up to position {first} change by {difference:G2} of the largest. Features at t may see tokens before t only: shift the context by one, and mask attention.");
            }

            return (true, "No position sees its own token or a later one.");
        }

        private (bool, string) Prefix()
        {
            if (Length < 2)
                return (true, "There is one token, and so no prefix.");
            double difference = Rules.Difference(LogitsOf(context).narrow(1, 1, Length - 1), LogitsOf(Changed(0, Length)).narrow(1, 1, Length - 1));
            return difference > 0 ? (true, "Logits depend on the tokens before.") : (false, "With all tokens changed the logits stay the same: the policy does not see its prefix.");
        }

        private (bool, string) Gradients()
        {
            using IDisposable gradients = enable_grad();
            ForgetGradients();
            Tensor logProbabilities = LogitsOf(context).log_softmax(-1).gather(-1, context.unsqueeze(-1)); // (B, T, 1)
            if (!logProbabilities.requires_grad)
                return (false, "The logits carry no gradients. Compute Features and Head from the parameters, without no_grad, detach or a copy.");
            logProbabilities.sum().backward();
            List<string> unreached = [.. Trained().Where(named => GradientOf(named.Parameter) is null).Select(named => $"'{named.Name}'")];
            int trained = Trained().Count();
            string reached = unreached.Count == 0 ? "Every trained parameter gets one." : $"{trained - unreached.Count} of {trained} trained parameters get one; not {string.Join(", ", unreached.Take(5))}. That is right only for what a pass may leave out, such as the embedding of no condition.";
            bool finite = Trained().All(named => GradientOf(named.Parameter)?.isfinite().all().item<bool>() ?? true);
            bool any = Trained().Any(named => GradientOf(named.Parameter)?.any().item<bool>() ?? false);
            ForgetGradients();
            if (!any)
                return (false, "No parameter of NamedParameters gets a gradient that is not zero. Name the parameters that Features and Head compute with.");
            return finite ? (true, reached) : (false, "A gradient is NaN or infinite.");
        }

        private (bool, string) Reference()
        {
            using IReferencePolicy reference = policy.CreateReference();
            Tensor samples = context.unsqueeze(1); // (B, 1, T)
            Tensor before = reference.LogProbabilities(condition, context, samples, 1, null);
            if (Rules.Misfit(before, "What LogProbabilities of CreateReference gave", policy.Device, Logged, Images, 1, Length) is { } misfit)
                return (false, misfit);
            Tensor own = LogitsOf(context).log_softmax(-1).gather(-1, context.unsqueeze(-1)).view(Images, 1, Length);
            if (Rules.Difference(own, before) > _tolerance)
                return (false, "The reference's log-probabilities are not those of the policy that it was made of.");

            // As an update does: every trained parameter changes in place.
            List<Tensor> values = [.. Trained().Select(named => named.Parameter.clone())];
            try
            {
                foreach ((_, Parameter parameter) in Trained())
                    parameter.add_(0.1).mul_(0.9);
                Tensor after = reference.LogProbabilities(condition, context, samples, 1, null);
                return Rules.Difference(before, after) > _tolerance
                    ? (false, "The reference changes when the policy is trained. Give it copies of the parameters (clone), not the parameters.")
                    : (true, "It agrees with the policy, and stays when that changes.");
            }
            finally
            {
                foreach (((_, Parameter parameter), Tensor value) in Trained().Zip(values))
                    parameter.copy_(value);
            }
        }

        private (bool, string) Generation(ITokenGenerator generator)
        {
            Tensor drawn = generator.Generate(condition, new GenerationOptions { Seed = 1 });
            if (Rules.Misfit(drawn, "What Generate gave", policy.Device, [ScalarType.Int64], Images, Length) is { } misfit)
                return (false, misfit);
            if ((drawn < 0).logical_or(drawn >= policy.VocabularySize).any().item<bool>())
                return (false, $"Generate gave tokens outside 0 to {policy.VocabularySize - 1}.");
            if (!Rules.AreEqual(generator.Generate(condition, new GenerationOptions { Seed = 1 }), drawn))
                return (false, "Generate gave other tokens for the same seed. Draw with TokenSampling.Next, which takes its random numbers from the options.");

            // The likeliest token at each position, given those before it, as a teacher-forced pass sees it.
            Tensor greedy = generator.Generate(condition, new GenerationOptions { Greedy = true });
            Tensor logits = LogitsOf(greedy);
            Tensor behind = logits.amax(-1) - logits.gather(-1, greedy.unsqueeze(-1)).squeeze(-1); // (B, T), 0 for the likeliest
            double difference = (behind.max() / logits.abs().max()).item<float>();
            return difference > _tolerance
                ? (false, $"A token that Generate took for the likeliest is {difference:G2} of the largest logit below the one that Features and Head find likeliest after the same tokens. Generation and training must shift tokens, count positions and mask alike.")
                : (true, "It draws by its seed, and agrees with the teacher-forced pass.");
        }

        private (bool, string) Same(Tensor expected, Tensor found, string kept, string broken) =>
            Rules.Difference(expected, found) is var difference && difference > _tolerance ? (false, $"{broken} They differ by {difference:G2} of the largest.") : (true, kept);

        private IEnumerable<int> Starts() => Enumerable.Range(0, Prefixes).Select(index => (int)(index * (Length - 1) / (Prefixes - 1))).Distinct();

        // Other tokens at these positions.
        private Tensor Changed(long first, long count)
        {
            Tensor changed = context.clone();
            changed.narrow(1, first, count).add_(1).remainder_(policy.VocabularySize);
            return changed;
        }

        private IEnumerable<(string Name, Parameter Parameter)> Trained() => policy.NamedParameters().Where(named => named.Parameter.requires_grad);

        private static Tensor? GradientOf(Parameter parameter) => parameter.grad;

        private void ForgetGradients()
        {
            foreach ((_, Parameter parameter) in Trained())
                parameter.grad = null;
        }
    }
}
