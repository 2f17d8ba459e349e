using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Arrangements;

/// <summary>The tokenizer, policy and reward of a golden folder.</summary>
internal sealed class GoldenParts : IDisposable
{
    public GoldenParts(GoldenFolder golden)
    {
        Golden = golden;
        Tokenizer = golden.LoadTokenizer();
        Policy = golden.LoadPolicy();
        GoldenConfiguration configuration = golden.Configuration!;
        Pixels = configuration.Rec == "l1" ? Reward.MeanAbsoluteError() : Reward.MeanSquaredError();
        Lpips = golden.Lpips();
        Reward = configuration.ReconstructionWeight * Pixels + configuration.PerceptualWeight * Lpips;
    }

    public GoldenFolder Golden { get; }

    public GoldenConfiguration Configuration => Golden.Configuration!;

    public LlamaGenTokenizer Tokenizer { get; }

    public LlamaGenPolicy Policy { get; }

    public Reward Pixels { get; }

    public Reward Lpips { get; }

    /// <summary>The weighted sum of both.</summary>
    public Reward Reward { get; }

    public IReadOnlyDictionary<string, Tensor> Copies()
    {
        using IDisposable gradients = no_grad();
        return Policy.NamedParameters().ToDictionary(named => named.Name, named => named.Parameter.detach().clone());
    }

    public void Dispose()
    {
        // Of the rewards only LPIPS holds anything, and that is the folder's.
        Policy.Dispose();
        Tokenizer.Dispose();
    }
}
