using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Conformance;

/// <summary>Tries whether a tokenizer does what <see cref="ITokenizer"/> promises. For a test of a tokenizer of one's own.</summary>
public static class TokenizerCheck
{
    /// <summary>Tries every rule.</summary>
    /// <param name="tokenizer">The tokenizer; of an <see cref="IDifferentiableTokenizer"/> the continuous side is tried as well.</param>
    /// <param name="images">
    /// (B, 3, H, W), float32, RGB in [-1, 1], at least two different ones such as the tokenizer was trained for, on its device; of noise it
    /// cannot keep much. Stays the caller's.
    /// </param>
    /// <returns>The rules and what they came to.</returns>
    /// <exception cref="ArgumentException">The images are fewer than two or not of the tokenizer's size.</exception>
    public static ConformanceReport Of(ITokenizer tokenizer, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(images);
        ImageSize size = tokenizer.ImageSize;
        if (images.dtype != ScalarType.Float32 || images.dim() != 4 || images.shape[0] < 2 || !images.shape.Skip(1).SequenceEqual([3, size.Height, size.Width]))
            throw new ArgumentException($"The images are {Rules.Shape(images)}; give at least two, as Float32 (B, 3, {size.Height}, {size.Width}).", nameof(images));
        var rules = new Rules();
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var trial = new Trial(tokenizer, images);
        if (rules.Try("tokens", trial.Tokens) && rules.Try("images", trial.Images))
        {
            rules.Try("repeatable", trial.Repeats);
            rules.Try("images apart", trial.Rows);
            rules.Try("there and back", trial.Reconstruction);
            rules.Try("fingerprint", trial.Fingerprint);
            if (tokenizer is IDifferentiableTokenizer differentiable)
                rules.Try("continuous side", () => trial.Continuous(differentiable));
        }

        return rules.Report(tokenizer);
    }

    private sealed class Trial(ITokenizer tokenizer, Tensor images)
    {
        private const double Tolerance = 1e-4; // what rounding may come to, as a share of the largest value

        private static readonly ScalarType[] Single = [ScalarType.Float32];

        private long Count => images.shape[0];

        private int Length => tokenizer.Layout.TokenCount;

        public (bool, string) Tokens()
        {
            Tensor before = images.clone();
            Tensor tokens = tokenizer.Encode(images);
            if (Rules.Misfit(tokens, "What Encode gave", images.device, [ScalarType.Int64], Count, Length) is { } misfit)
                return (false, $"{misfit} Its layout is {tokenizer.Layout}.");
            if (images.IsInvalid || !Rules.AreEqual(images, before))
                return (false, "Encode changed or disposed the images, which stay the caller's.");
            (long least, long most) = (tokens.min().item<long>(), tokens.max().item<long>());
            return least >= 0 && most < tokenizer.CodebookSize
                ? (true, $"{Rules.Shape(tokens)}, from {least} to {most} of {tokenizer.CodebookSize}.")
                : (false, $"Encode gave tokens from {least} to {most}; they must be 0 to {tokenizer.CodebookSize - 1}, as CodebookSize is {tokenizer.CodebookSize}.");
        }

        public (bool, string) Images()
        {
            Tensor decoded = tokenizer.Decode(tokenizer.Encode(images));
            return Rules.Misfit(decoded, "What Decode gave", images.device, Single, images.shape) is { } misfit
                ? (false, misfit)
                : (true, $"{Rules.Shape(decoded)}, from {decoded.min().item<float>():F2} to {decoded.max().item<float>():F2}.");
        }

        public (bool, string) Repeats()
        {
            Tensor tokens = tokenizer.Encode(images);
            return Rules.AreEqual(tokenizer.Encode(images), tokens) && Rules.Difference(tokenizer.Decode(tokens), tokenizer.Decode(tokens)) <= Tolerance
                ? (true, "The same images give the same tokens, and those the same images.")
                : (false, "The same images give other tokens, or the same tokens other images, the second time. A tokenizer is frozen: switch off dropout and noise.");
        }

        public (bool, string) Rows()
        {
            Tensor tokens = tokenizer.Encode(images);
            Tensor alone = tokenizer.Decode(tokens.narrow(0, 1, 1));
            return Rules.AreEqual(tokenizer.Encode(images.narrow(0, 1, 1)), tokens.narrow(0, 1, 1)) && Rules.Difference(tokenizer.Decode(tokens).narrow(0, 1, 1), alone) <= Tolerance
                ? (true, "An image gets the same alone as in a batch.")
                : (false, "An image gets other tokens or pixels alone than in a batch. Nothing may mix the images of a batch: put normalisation by batch into evaluation mode.");
        }

        public (bool, string) Reconstruction()
        {
            double error = (tokenizer.Decode(tokenizer.Encode(images)) - images).square().mean().item<float>();
            double flat = (images.mean([2, 3], keepdim: true) - images).square().mean().item<float>();
            string found = $"The mean squared error is {error:G3}; that of each image's mean colour is {flat:G3}.";
            return error < flat
                ? (true, found)
                : (false, $"{found} Decoding what was encoded should be nearer. Check that pixels are in [-1, 1] both ways, the order of channels and of tokens, and that the images are like those that it was trained for.");
        }

        public (bool, string) Fingerprint()
        {
            string? fingerprint = tokenizer.Fingerprint;
            if (fingerprint != tokenizer.Fingerprint)
                return (false, "Fingerprint is another text the second time.");
            return (true, fingerprint is null ? "It has none, so its tokens cannot be kept in files." : $"'{fingerprint}'.");
        }

        public (bool, string) Continuous(IDifferentiableTokenizer differentiable)
        {
            Tensor codebook = differentiable.Codebook;
            if (codebook.dim() != 2 || Rules.Misfit(codebook, "Codebook", images.device, Single, tokenizer.CodebookSize, codebook.shape[1]) is not null)
                return (false, $"Codebook is {Rules.Shape(codebook)} on {codebook.device}; it must be Float32 ({tokenizer.CodebookSize}, C), finite, on {images.device}.");
            Tensor encoded = differentiable.EncodeContinuous(images);
            if (Rules.Misfit(encoded, "What EncodeContinuous gave", images.device, Single, Count, Length, codebook.shape[1]) is { } misfit)
                return (false, misfit);
            Tensor tokens = tokenizer.Encode(images);
            using IDisposable gradients = enable_grad();
            Tensor vectors = codebook[tokens].detach().requires_grad_(); // (B, T, C)
            Tensor decoded = differentiable.DecodeVectors(vectors);
            if (Rules.Misfit(decoded, "What DecodeVectors gave", images.device, Single, images.shape) is { } wrong)
                return (false, wrong);
            if (Rules.Difference(tokenizer.Decode(tokens), decoded) > Tolerance)
                return (false, "DecodeVectors of the codebook's rows gives other images than Decode of their tokens. Codebook must have the rows as decoding uses them, normalised where it does that.");
            if (!decoded.requires_grad)
                return (false, "No gradient flows from what DecodeVectors gave to its vectors.");
            decoded.square().sum().backward();
            return vectors.grad is { } gradient && gradient.any().item<bool>()
                ? (true, "Vectors and tokens decode alike, and gradients flow to the vectors.")
                : (false, "The gradient from DecodeVectors to its vectors is zero everywhere.");
        }
    }
}
