using QuickStart.Models;
using QuickStart.Photographs;
using TorchSharp;
using TorchSharp.Modules;
using VaPi;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.BaseTraining;

/// <summary>Trains the VQ tokenizer: reconstruction in pixels and features, codebook and commitment terms.</summary>
internal static class TokenizerTraining
{
    public const int Steps = 2500;

    private const int BatchSize = 24;
    private const double LearningRate = 1e-3;
    private const int RestartEvery = 50;

    public static LlamaGenTokenizer Run(
        TileCrops training, TileCrops heldOut, FeatureNetwork features, Action<string> report, Action<int> advanced, CancellationToken cancellationToken)
    {
        LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(SmallModels.Tokenizer, seed: 2);
        var parameters = tokenizer.NamedParameters().ToList();
        Parameter codebook = parameters.Single(named => named.Name == "quantize.embedding.weight").Parameter;
        foreach ((_, Parameter parameter) in parameters)
            parameter.requires_grad_();
        using var optimiser = optim.AdamW(parameters.Select(named => named.Parameter), lr: LearningRate, beta1: 0.9, beta2: 0.95, weight_decay: 1e-4);
        var batches = new CropBatches(training, BatchSize, seed: 3);
        using Tensor uses = zeros(codebook.shape[0]).DetachFromDisposeScope();
        for (int step = 1; step <= Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = LearningRate * Math.Min(1, step / 100.0) * (0.05 + 0.95 * 0.5 * (1 + Math.Cos(Math.PI * step / Steps)));
            using ImageBatch batch = batches.Next();
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
            Tensor perceptual = FeatureLoss(features, decoded, batch.Images);
            Tensor codebookLoss = F.mse_loss(quantised, encoded.detach()) * SmallModels.Tokenizer.CodebookWidth;
            Tensor commitment = F.mse_loss(encoded, quantised.detach()) * SmallModels.Tokenizer.CodebookWidth;
            Tensor loss = pixels + 0.3 * perceptual + codebookLoss + 0.25 * commitment;
            optimiser.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(parameters.Select(named => named.Parameter), 1.0);
            optimiser.step();
            advanced(1);
            if (step % RestartEvery == 0)
            {
                if (step < Steps * 0.7)
                    Restart(codebook, encoded, all: false, uses);
                using IDisposable gradients = no_grad();
                uses.mul_(0.5);
            }

            if (step % 250 == 0)
            {
                tokenizer.Refresh();
                report($"tokenizer {step}/{Steps}: pixels {pixels.item<float>():F4}, features {perceptual.item<float>():F4}, held-out {HeldOut(tokenizer, features, heldOut)}");
            }
        }

        foreach ((_, Parameter parameter) in parameters)
            parameter.requires_grad_(false);
        tokenizer.Refresh();
        return tokenizer;
    }

    private static Tensor FeatureLoss(FeatureNetwork features, Tensor left, Tensor right) =>
        features.Extract(left).Zip(features.Extract(right), (a, b) => F.mse_loss(Normalised(a), Normalised(b)) * a.shape[1]).Aggregate((sum, layer) => sum + layer);

    private static Tensor Normalised(Tensor layer) => F.normalize(layer, p: 2, dim: 1);

    // A row that nothing is near is never trained: it starts again at an encoding that was just seen.
    private static void Restart(Parameter codebook, Tensor encoded, bool all, Tensor uses)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long rows = codebook.shape[0];
        Tensor candidates = encoded.detach().reshape(-1, encoded.shape[^1]);
        Tensor chosen = candidates.index_select(0, randint(candidates.shape[0], rows, ScalarType.Int64));
        Tensor dead = all ? ones(rows, ScalarType.Bool) : uses < 0.5 * uses.mean() * 0.05;
        codebook.copy_(where(dead.unsqueeze(1), chosen + randn_like(chosen) * 0.02, codebook));
    }

    private static string HeldOut(LlamaGenTokenizer tokenizer, FeatureNetwork features, TileCrops heldOut)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = new CropBatches(heldOut, 96, seed: 4).Next();
        Tensor tokens = tokenizer.Encode(batch.Images);
        Tensor decoded = tokenizer.Decode(tokens);
        (Tensor used, _, _) = tokens.unique();
        return $"pixels {F.mse_loss(decoded, batch.Images).item<float>():F4}, features {FeatureLoss(features, decoded, batch.Images).item<float>():F4}, {used.numel()} tokens used";
    }
}
