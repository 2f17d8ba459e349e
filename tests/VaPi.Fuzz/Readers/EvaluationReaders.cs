using System.Runtime.InteropServices;
using VaPi.Checkpoints;
using VaPi.Evaluation;
using VaPi.Evaluation.Files;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Data;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Readers;

/// <summary>The archives of evaluators: statistics of features, and images.</summary>
internal static class EvaluationReaders
{
    public static FileReader Statistics()
    {
        byte[] mean = Doubles(3, [3]);
        byte[] covariance = Doubles(9, [3, 3]);
        return new FileReader(
            "statistics",
            [
                CheckpointReaders.Npz("pooled.npz", deflate: false, ("mu", mean), ("sigma", covariance)),
                CheckpointReaders.Npz("both.npz", deflate: true, ("mu", mean), ("sigma", covariance), ("mu_s", mean), ("sigma_s", covariance)),
            ],
            path => FeatureCollection.Load(path).Dispose(),
            typeof(CheckpointException));
    }

    public static FileReader Samples()
    {
        byte[] images = NumpyFiles.Array("|u1", [.. Enumerable.Range(0, 5 * 4 * 4 * 3).Select(i => (byte)i)], 5, 4, 4, 3);
        return new FileReader(
            "samples",
            [CheckpointReaders.Npz("samples.npz", deflate: false, ("arr_0", images)), CheckpointReaders.Npz("deflated.npz", deflate: true, ("arr_0", images), ("arr_1", Doubles(5, [5])))],
            Read,
            typeof(CheckpointException));

        static void Read(string path)
        {
            foreach (Tensor batch in SampleArchive.Read(path, batchSize: 2).Take(64))
                batch.Dispose();
        }
    }

    private static byte[] Doubles(int count, long[] shape) =>
        NumpyFiles.Array("<f8", MemoryMarshal.AsBytes(Enumerable.Range(1, count).Select(i => (double)i).ToArray().AsSpan()).ToArray(), shape);
}
