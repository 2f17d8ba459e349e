using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>The rows of a table that tokens stand for.</summary>
internal static class TokenRows
{
    /// <param name="table">(V, D).</param>
    /// <param name="tokens">(N, T), int64.</param>
    /// <param name="argument">What the caller calls the tokens.</param>
    /// <returns>(N, T, D).</returns>
    /// <exception cref="ArgumentException">A token is outside 0 … V-1. On CUDA the process cannot go on after that, so it stays libtorch's own error.</exception>
    public static Tensor Of(Tensor table, Tensor tokens, string argument)
    {
        try
        {
            return table.index_select(0, tokens.reshape(-1)).view(tokens.shape[0], tokens.shape[1], table.shape[1]);
        }
        catch (Exception exception) when (exception is ExternalException or IndexOutOfRangeException && table.device_type == TorchSharp.DeviceType.CPU)
        {
            // Looked at only now: what is right pays nothing for it.
            (long lowest, long highest) = (tokens.min().item<long>(), tokens.max().item<long>());
            if (lowest >= 0 && highest < table.shape[0])
                throw;
            throw new ArgumentException($"Tokens must be 0 to {table.shape[0] - 1}; they are {lowest} to {highest}. Use the tokenizer and the policy that were trained together.", argument, exception);
        }
    }
}
