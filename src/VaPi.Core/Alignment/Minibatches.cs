namespace VaPi.Alignment;

/// <summary>Cuts a rollout's samples, in image-major order, into minibatches and updates.</summary>
internal static class Minibatches
{
    /// <summary>The samples of a full minibatch.</summary>
    public static int Size(AlignmentOptions options) =>
        options.SamplesPerMinibatch ?? (options.ImagesPerMinibatch ?? options.ImagesPerRollout) * options.GroupSize;

    /// <summary>The minibatches of one pass over the rollout; the last may be smaller.</summary>
    public static int Count(AlignmentOptions options)
    {
        long samples = (long)options.ImagesPerRollout * options.GroupSize;
        int size = Size(options);
        return (int)((samples + size - 1) / size);
    }

    /// <summary>The images whose groups a minibatch has samples of; one that cuts through a group runs its whole image.</summary>
    public static long Images(Minibatch minibatch, long samplesPerImage) =>
        (minibatch.FirstSample + minibatch.SampleCount - 1) / samplesPerImage - minibatch.FirstSample / samplesPerImage + 1;

    /// <summary>One pass over the samples: updates, each of as many minibatches; what does not fill an update is left out.</summary>
    public static IReadOnlyList<IReadOnlyList<Minibatch>> Updates(AlignmentOptions options)
    {
        int samples = options.ImagesPerRollout * options.GroupSize;
        int size = Size(options);
        List<Minibatch> minibatches = [.. Enumerable.Range(0, Count(options)).Select(index => new Minibatch(index * size, Math.Min(size, samples - index * size)))];
        int accumulated = options.MinibatchesPerUpdate ?? minibatches.Count;
        return [.. minibatches.Chunk(accumulated).Where(update => update.Length == accumulated)];
    }
}
