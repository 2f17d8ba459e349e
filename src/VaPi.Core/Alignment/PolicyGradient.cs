using System.Runtime.InteropServices;
using TorchSharp;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Surrogates;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Alignment;

/// <summary>
/// The gradient of one minibatch. The loss is split at the log-probabilities: a chunked forward gives them, any objective
/// gives dL/dlogπ, the group's kernel carries that to the features, and the network's own backward pass does the rest.
/// </summary>
internal sealed class PolicyGradient(
    IAutoregressivePolicy policy, ISurrogate surrogate, IReadOnlyList<IRegulariser> regularisers, AlignmentOptions options)
{
    /// <summary>Adds a minibatch's gradient to the policy's parameters.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="reference">(R, S, T): the starting policy's log-probabilities, or null.</param>
    /// <param name="advantages">(R, S, 1) or (R, S, T), clamped.</param>
    /// <param name="relaxed">The gradient that the samples have through the decoder, of a rollout that is one minibatch; null for none.</param>
    /// <param name="minibatch">Which of its samples.</param>
    /// <param name="share">1 / the number of minibatches in the update.</param>
    /// <returns>The metrics, on the device, (4 + regularisers): loss, policy loss, ratio, clipped, regularisers. Belongs to the caller.</returns>
    public Tensor Accumulate(Rollout rollout, Tensor? reference, Tensor advantages, RelaxedTokens? relaxed, Minibatch minibatch, double share)
    {
        using DisposeScope scope = NewDisposeScope();
        long samplesPerContext = rollout.Samples.shape[1];

        // A minibatch may cut through groups: whole contexts are run, and samples outside weigh nothing.
        long first = minibatch.FirstSample / samplesPerContext;
        long contexts = Minibatches.Images(minibatch, samplesPerContext);
        Tensor weights = SampleWeights(minibatch, first, contexts, samplesPerContext, rollout.Samples.device); // (r, S)
        Tensor Slice(Tensor whole) => whole.narrow(0, first, contexts);
        using Condition? selected = contexts == rollout.Condition.Count
            ? null
            : rollout.Condition.Select([.. Enumerable.Range((int)first, (int)contexts)]);
        Condition condition = selected ?? rollout.Condition;
        Tensor context = Slice(rollout.Context);
        Tensor samples = Slice(rollout.Samples);
        Tensor? truth = rollout.TrueTokens is null ? null : Slice(rollout.TrueTokens);
        Tensor? support = rollout.Support is null ? null : Slice(rollout.Support);
        int chunkLength = options.PositionsPerChunk ?? PositionChunks.DefaultLength(contexts, policy.VocabularySize);
        bool twice = options.Mode == AlignmentMode.Twice && truth is not null;

        // (1) Log-probabilities of the group from one forward an image.
        PolicyMode mode = options.Mode == AlignmentMode.Training ? PolicyMode.Training : PolicyMode.Evaluation;
        Tensor features = rollout.Features ?? Forward(condition, context, mode); // (r, T, D)
        Tensor truthFeatures = twice ? Forward(condition, context, PolicyMode.Training) : features;
        (Tensor ofSamples, Tensor? ofTruth) = LogProbabilities(rollout, features, truthFeatures, samples, truth, support, chunkLength);

        // (2) Any objective on these small tensors; autograd gives dL/dlogπ.
        Tensor current = ofSamples.detach().requires_grad_();
        Tensor? currentTruth = ofTruth?.detach().requires_grad_();
        var tokens = new TokenLogProbabilities(current, Slice(rollout.OldLogProbabilities), reference is null ? null : Slice(reference), currentTruth);
        (Tensor loss, Tensor metrics) = Objective(tokens, Slice(advantages), weights);
        if (loss.requires_grad)
            (loss * share).backward();
        else if (relaxed is null)
            throw new InvalidOperationException($"The loss does not depend on the policy. Check that {surrogate.GetType().Name} and the regularisers are differentiable in the current log-probabilities.");
        Tensor sampleGradient = current.grad ?? zeros_like(current); // w, (r, S, T)
        Tensor? truthGradient = currentTruth?.grad; // c, (r, T)

        // (3) and (4) The kernel to the features, and the network's own backward pass.
        if (twice)
        {
            Backward(features, samples, sampleGradient, truth: null, truthGradient: null, support, chunkLength);
            if (truthGradient is not null)
                Backward(truthFeatures, samples, zeros_like(sampleGradient), truth, truthGradient, support: null, chunkLength);
        }
        else
        {
            Backward(features, samples, sampleGradient, truthGradient is null ? null : truth, truthGradient, support, chunkLength, relaxed);
        }

        return metrics.MoveToOuterDisposeScope();
    }

    /// <summary>Reads back what <see cref="Accumulate"/> returned.</summary>
    public Metrics.MinibatchMetrics Read(ReadOnlySpan<double> metrics)
    {
        var named = new Dictionary<string, double>();
        for (int index = 0; index < regularisers.Count; index++)
            named[regularisers[index].Name] = metrics[4 + index];
        return new Metrics.MinibatchMetrics(metrics[0], metrics[1], named, metrics[2], metrics[3]);
    }

    private static Tensor SampleWeights(Minibatch minibatch, long firstContext, long contexts, long samplesPerContext, Device device)
    {
        // Made on the device: a copy from the host would wait for it.
        Tensor weights = zeros([contexts * samplesPerContext], ScalarType.Float32, device);
        weights.narrow(0, minibatch.FirstSample - firstContext * samplesPerContext, minibatch.SampleCount).fill_(1f / minibatch.SampleCount);
        return weights.view(contexts, samplesPerContext);
    }

    private Tensor Forward(Condition condition, Tensor context, PolicyMode mode)
    {
        using IDisposable gradients = enable_grad();
        return policy.Features(condition, context, mode);
    }

    private (Tensor OfSamples, Tensor? OfTruth) LogProbabilities(
        Rollout rollout, Tensor features, Tensor truthFeatures, Tensor samples, Tensor? truth, Tensor? support, int chunkLength)
    {
        // The sampling forward was the training forward, so the sampled tokens' log-probabilities are known.
        if (rollout.Features is not null)
            return (rollout.OldLogProbabilities, rollout.TrueLogProbabilities);
        if (ReferenceEquals(features, truthFeatures))
            return GroupLogProbabilities.Evaluate(policy.Head, features, samples, truth, options.Temperature, support, chunkLength);
        (Tensor ofSamples, _) = GroupLogProbabilities.Evaluate(policy.Head, features, samples, truth: null, options.Temperature, support, chunkLength);
        (Tensor ofTruth, _) = GroupLogProbabilities.Evaluate(
            policy.Head, truthFeatures, truth!.unsqueeze(1), truth: null, temperature: 1, support: null, chunkLength);
        return (ofSamples, ofTruth.squeeze(1));
    }

    private (Tensor Loss, Tensor Metrics) Objective(TokenLogProbabilities tokens, Tensor advantages, Tensor weights)
    {
        using IDisposable gradients = enable_grad();
        Tensor policyLoss = MeanOver(Checked(surrogate, surrogate.Loss(tokens, advantages), tokens, sharedByGroup: false), weights);
        Tensor loss = policyLoss;
        var reported = new List<Tensor>();
        foreach (IRegulariser regulariser in regularisers)
        {
            Tensor term = MeanOver(Checked(regulariser, regulariser.Loss(tokens), tokens, sharedByGroup: true), weights);
            reported.Add(term.detach());
            if (regulariser.Weight != 0)
                loss = loss + regulariser.Weight * term;
        }

        using IDisposable reading = no_grad();
        Tensor ratio = (tokens.Current - tokens.Old).exp(); // (r, S, T)
        Tensor outside = (ratio < 1 - options.ClipLow).logical_or_(ratio > 1 + options.ClipHigh).to(ratio.dtype);
        Tensor metrics = stack([loss.detach(), policyLoss.detach(), MeanOver(ratio, weights), MeanOver(outside, weights), .. reported]);
        return (loss, metrics);
    }

    private static Tensor Checked(object term, Tensor loss, TokenLogProbabilities tokens, bool sharedByGroup)
    {
        long[] due = tokens.Current.shape;
        long[] shared = [due[0], 1, due[2]];
        return loss.shape.SequenceEqual(due) || (sharedByGroup && loss.shape.SequenceEqual(shared))
            ? loss
            : throw new InvalidOperationException(
                $"{term.GetType().Name} gave a loss of shape ({string.Join(", ", loss.shape)}); it must be ({string.Join(", ", due)}), one value a sampled token{(sharedByGroup ? $", or ({string.Join(", ", shared)}) for what a group shares" : "")}.");
    }

    /// <param name="perToken">(r, S, T), or (r, 1, T) where a group shares it.</param>
    /// <param name="weights">(r, S), summing to one over the minibatch.</param>
    private static Tensor MeanOver(Tensor perToken, Tensor weights) => (perToken.mean([-1]) * weights).sum();

    private void Backward(
        Tensor features, Tensor samples, Tensor sampleGradient, Tensor? truth, Tensor? truthGradient, Tensor? support, int chunkLength,
        RelaxedTokens? relaxed = null)
    {
        Tensor atFeatures = GroupGradient.Backward(
            policy.Head, features.detach(), samples, sampleGradient, truth, truthGradient, options.Temperature, support, chunkLength, relaxed);
        try
        {
            features.backward([atFeatures]);
        }
        catch (ExternalException) when (policy.BackwardError is not null)
        {
            Exception error = policy.BackwardError;
            throw new InvalidOperationException($"The policy's backward pass failed: {error.Message}", error);
        }
    }
}
