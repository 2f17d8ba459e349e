using QuickStart.Models;
using TorchSharp;
using TorchSharp.Modules;
using VaPi.Study.Shapes;
using VaPi.Study.Worlds;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.BaseTraining;

/// <summary>Trains the tokenizer of the scenes: reconstruction in pixels and features, codebook and commitment terms.</summary>
internal static class PatchTokenizerTraining
{
    private const int BatchSize = 16;
    private const double LearningRate = 2e-3;
    private const int RestartEvery = 25;
    private const int ReportEvery = 100;

    public static PatchTokenizer Run(FeatureNetwork features, int steps, Action<string> report, CancellationToken cancellationToken)
    {
        manual_seed(2);
        PatchTokenizer tokenizer = PatchTokenizer.Create(seed: 2);
        Parameter[] parameters = [.. tokenizer.NamedParameters.Select(named => named.Parameter)];
        Parameter codebook = tokenizer.NamedParameters.Single(named => named.Name == PatchTokenizer.CodebookName).Parameter;
        using var optimiser = optim.AdamW(parameters, lr: LearningRate, beta1: 0.9, beta2: 0.95, weight_decay: 1e-4);
        var training = new Draws(new ShapeScenes(SceneRegion.Training), BatchSize, seed: 3);
        using Tensor uses = zeros(codebook.shape[0]).DetachFromDisposeScope();
        for (int step = 1; step <= steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = LearningRate * Math.Min(1, step / 50.0) * (0.02 + 0.98 * (1 + Math.Cos(Math.PI * step / steps)) / 2);
            using ImageBatch batch = training.Read();
            Tensor encoded = F.normalize(tokenizer.EncodeContinuous(batch.Images), p: 2, dim: -1); // (B, T, C)
            if (step == 1)
                Restart(codebook, encoded, all: true, uses);

            Tensor rows = F.normalize(codebook, p: 2, dim: -1); // (V, C)
            Tensor tokens = encoded.detach().matmul(rows.detach().t()).argmax(-1); // (B, T)
            Tensor quantised = rows.index_select(0, tokens.reshape(-1)).view_as(encoded);
            using (no_grad())
                uses.index_add_(0, tokens.reshape(-1), ones(tokens.numel()), 1);

            // Straight through: the decoder's gradient reaches the encoder as if quantising had changed nothing.
            Tensor decoded = tokenizer.DecodeVectors(encoded + (quantised - encoded).detach());
            Tensor pixels = F.mse_loss(decoded, batch.Images);
            Tensor codebookLoss = F.mse_loss(quantised, encoded.detach()) * PatchTokenizer.RowWidth;
            Tensor commitment = F.mse_loss(encoded, quantised.detach()) * PatchTokenizer.RowWidth;
            Tensor loss = pixels + 0.1 * FeatureLoss(features, decoded, batch.Images) + codebookLoss + 0.25 * commitment;
            optimiser.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(parameters, 1.0);
            optimiser.step();
            if (step % RestartEvery == 0)
            {
                if (step < steps * 0.6)
                    Restart(codebook, encoded, all: false, uses);
                using IDisposable gradients = no_grad();
                uses.mul_(0.5);
            }

            if (step % ReportEvery == 0 || step == steps)
                report($"tokenizer {step}/{steps}: pixels {pixels.item<float>():F5}, {(uses > 0.5).sum().item<long>()} tokens in use");
        }

        tokenizer.Refresh();
        return tokenizer;
    }

    private static Tensor FeatureLoss(FeatureNetwork features, Tensor left, Tensor right) => features.Extract(left)
        .Zip(features.Extract(right), (a, b) => F.mse_loss(F.normalize(a, p: 2, dim: 1), F.normalize(b, p: 2, dim: 1)) * a.shape[1])
        .Aggregate((sum, layer) => sum + layer);

    // A row that nothing is near is never trained: it starts again at an encoding that was just seen.
    private static void Restart(Parameter codebook, Tensor encoded, bool all, Tensor uses)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long rows = codebook.shape[0];
        Tensor candidates = encoded.detach().reshape(-1, encoded.shape[^1]);
        Tensor chosen = candidates.index_select(0, randint(candidates.shape[0], rows, ScalarType.Int64));
        Tensor dead = all ? ones(rows, ScalarType.Bool) : uses < 0.02 * uses.mean();
        codebook.copy_(where(dead.unsqueeze(1), chosen + randn_like(chosen) * 0.02, codebook));
    }
}
