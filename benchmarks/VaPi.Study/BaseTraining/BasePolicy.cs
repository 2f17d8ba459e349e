using System.Diagnostics;
using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using VaPi.Study.Worlds;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.BaseTraining;

/// <summary>Trains a world's policy by cross-entropy until the likelihood of held-out tokens stops rising; the best is kept.</summary>
internal static class BasePolicy
{
    private const string PolicyFile = "policy.safetensors";
    private const string RecordFile = "policy.json";

    private const int BatchSize = 24;
    private const int HeldOutBatch = 96;
    private const double LearningRate = 2e-3;
    private const int MeasureEvery = 40;
    private const int MissesToEnd = 6;

    /// <summary>Loads the policy from a folder, or trains it.</summary>
    /// <param name="world">What it is trained on.</param>
    /// <param name="folder">Of the world's networks.</param>
    /// <param name="budget">How long training may take.</param>
    /// <param name="report">Told how training goes.</param>
    /// <param name="cancellationToken">Stops between steps; a policy that is not done is trained again.</param>
    /// <returns>Belongs to the caller.</returns>
    public static LlamaGenPolicy Open(IWorld world, string folder, TrainingBudget budget, Action<string> report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        (string policyPath, string recordPath) = (Path.Combine(folder, PolicyFile), Path.Combine(folder, RecordFile));
        if (!File.Exists(recordPath)) // written last
            File.WriteAllText(recordPath, JsonSerializer.Serialize(Train(world, policyPath, budget, report, cancellationToken)));
        return LlamaGenPolicy.Load(policyPath, world.Policy);
    }

    /// <summary>The mean cross-entropy of the true tokens of images, in nats a token.</summary>
    /// <param name="policy">Stays as it is.</param>
    /// <param name="tokenizer">Gives the tokens.</param>
    /// <param name="draws">The images.</param>
    /// <param name="images">How many.</param>
    public static double HeldOutNats(LlamaGenPolicy policy, ITokenizer tokenizer, Draws draws, int images)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double sum = 0;
        for (int done = 0; done < images; done += HeldOutBatch)
        {
            using DisposeScope inBatch = NewDisposeScope();
            using ImageBatch batch = draws.Source.Read(draws.Next(Math.Min(HeldOutBatch, images - done)));
            Tensor tokens = tokenizer.Encode(batch.Images); // (B, T)
            Tensor logits = policy.Head(policy.Features(batch.Condition, tokens, PolicyMode.Evaluation));
            sum += F.cross_entropy(logits.flatten(0, 1), tokens.reshape(-1)).item<float>() * batch.Count;
        }

        return sum / images;
    }

    private static BaseRecord Train(IWorld world, string path, TrainingBudget budget, Action<string> report, CancellationToken cancellationToken)
    {
        manual_seed(5); // for dropout, which takes no generator
        long started = Stopwatch.GetTimestamp();
        string unfinished = Path.ChangeExtension(path, $".{Environment.ProcessId}.safetensors");
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(world.Policy, seed: 5);
        Parameter[] parameters = [.. policy.NamedParameters().Select(named => named.Parameter)];
        using var optimiser = optim.AdamW(parameters, lr: LearningRate, beta1: 0.9, beta2: 0.95, weight_decay: 0.05);
        var training = new Draws(world.Training, BatchSize, seed: 6);
        var patience = new Patience(MissesToEnd);
        int steps = Math.Min(world.PolicySteps, budget.PolicySteps);
        int step = 0;
        int bestStep = 0;
        while (step < steps && !patience.IsOver)
        {
            cancellationToken.ThrowIfCancellationRequested();
            step++;
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = LearningRate * Math.Min(1, step / 100.0) * (0.02 + 0.98 * (1 + Math.Cos(Math.PI * step / steps)) / 2);
            using ImageBatch batch = training.Read();
            Tensor tokens = world.Tokenizer.Encode(batch.Images);
            Tensor logits = policy.Head(policy.Features(batch.Condition, tokens, PolicyMode.Training));
            Tensor loss = F.cross_entropy(logits.flatten(0, 1), tokens.reshape(-1), label_smoothing: world.LabelSmoothing);
            optimiser.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(parameters, 1.0);
            optimiser.step();
            if (step % MeasureEvery != 0 && step != steps)
                continue;

            // The same images each time.
            double measured = HeldOutNats(policy, world.Tokenizer, new Draws(world.Validation, HeldOutBatch, seed: 7), budget.HeldOutImages);
            report($"{world.Name}, policy {step}/{steps}: training {loss.item<float>():F4}, held-out {measured:F4} nats a token");
            if (patience.Observe(measured))
            {
                policy.Save(unfinished);
                bestStep = step;
            }
        }

        if (bestStep == 0)
            throw new InvalidOperationException($"The base policy of {world.Name} diverged: its held-out likelihood was never a number. Train it for fewer steps or at a lower learning rate.");
        File.Move(unfinished, path, overwrite: true);
        return new BaseRecord(bestStep, step, patience.Lowest, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }
}
