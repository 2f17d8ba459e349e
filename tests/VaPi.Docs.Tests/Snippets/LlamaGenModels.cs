#region llamagen-models
using VaPi;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
#endregion
using TorchSharp;
using VaPi.Alignment;

namespace Documents;

/// <summary>Compiled, not run: its model files are not here.</summary>
internal static class LlamaGenModels
{
    public static void Run()
    {
        #region llamagen-models
        LlamaGenConfiguration shape = LlamaGenConfiguration.Recognise("c2i_XXL_384.pt", gridSize: 24); // reads names and shapes only
        Console.WriteLine($"{shape.ParameterCount:N0} parameters, {(shape.IsTextConditional ? "captions" : "classes")}");

        using var tokenizer = LlamaGenTokenizer.Load("vq_ds16_c2i.pt", imageSize: 384);
        using var policy = LlamaGenPolicy.Load("c2i_XXL_384.pt", gridSize: 24);
        using var classes = new ClassCondition([207, 360]);
        using var tokens = policy.Generate(classes, new GenerationOptions { Guidance = 4, TopK = 2000, Seed = 1 });
        using var images = tokenizer.Decode(tokens); // (2, 3, 384, 384), about [-1, 1]

        policy.Save("c2i_XXL_384.safetensors"); // or .pt, for PyTorch
        #endregion
    }

    public static void SaveInFull(LlamaGenPolicy policy, AlignmentTrainer trainer)
    {
        #region llamagen-full-precision
        using var scope = torch.NewDisposeScope();
        policy.Save("aligned.safetensors", trainer.CopyWeights());
        #endregion
    }
}
