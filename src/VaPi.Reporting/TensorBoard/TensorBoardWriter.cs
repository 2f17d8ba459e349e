using System.Globalization;
using VaPi.Alignment.Metrics;
using VaPi.Reporting.TensorBoard;
using static TorchSharp.torch;

namespace VaPi.Reporting;

/// <summary>
/// Writes a TensorBoard event file of scalars and pictures. One writer a run, each run in a folder of its own beneath the one
/// that TensorBoard is told. Not for several threads at once.
/// </summary>
public sealed class TensorBoardWriter : IDisposable
{
    private const string FormatVersion = "brain.Event:2"; // what readers expect in the first event
    private const int Rgb = 3;

    private static int s_writers;

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    private TensorBoardWriter(FileStream stream, TimeProvider time) => (_stream, _time) = (stream, time);

    /// <summary>The file that is written.</summary>
    public string Path => _stream.Name;

    /// <summary>Starts an event file.</summary>
    /// <param name="folder">The run's folder; made if there is none. Other files in it stay.</param>
    /// <param name="time">The clock of the events; the system's if null.</param>
    /// <exception cref="IOException">The folder or the file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static TensorBoardWriter Create(string folder, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        time ??= TimeProvider.System;
        Directory.CreateDirectory(folder);

        // Readers look for "tfevents" in the name and take files in the order of their names.
        string name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds():D10}.vapi.{Environment.ProcessId}.{Interlocked.Increment(ref s_writers)}");
        var writer = new TensorBoardWriter(new FileStream(System.IO.Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read), time);
        writer.Append(new ProtoMessage().Text(EventFields.FileVersion, FormatVersion), step: 0);
        writer.Flush();
        return writer;
    }

    /// <summary>Adds a number.</summary>
    /// <param name="tag">The chart that it goes to; slashes group charts, as in <c>reward/mean</c>.</param>
    /// <param name="value">The number, kept in float32.</param>
    /// <param name="step">The rollout or step that it belongs to.</param>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    public void AddScalar(string tag, double value, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        AppendValue(new ProtoMessage().Text(ValueFields.Tag, tag).Float(ValueFields.SimpleValue, (float)value), step);
    }

    /// <summary>Adds a picture.</summary>
    /// <param name="tag">The place that it goes to.</param>
    /// <param name="image">The picture.</param>
    /// <param name="step">The rollout or step that it belongs to.</param>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    public void AddImage(string tag, PngImage image, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentNullException.ThrowIfNull(image);
        ProtoMessage picture = new ProtoMessage()
            .Integer(ImageFields.Height, image.Height)
            .Integer(ImageFields.Width, image.Width)
            .Integer(ImageFields.Colours, Rgb)
            .Bytes(ImageFields.Encoded, image.Content.Span);
        AppendValue(new ProtoMessage().Text(ValueFields.Tag, tag).Message(ValueFields.Image, picture), step);
    }

    /// <summary>Adds each picture of a batch, as <c>tag/0</c>, <c>tag/1</c>, ….</summary>
    /// <param name="tag">The place that they go to.</param>
    /// <param name="images">(N, 3, H, W), floating-point RGB in [-1, 1]. Stays the caller's.</param>
    /// <param name="step">The rollout or step that they belong to.</param>
    /// <exception cref="ArgumentException">The images have another shape or type, or a value that is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    public void AddImages(string tag, Tensor images, long step)
    {
        IReadOnlyList<PngImage> pictures = PngImage.OfBatch(images);
        for (int index = 0; index < pictures.Count; index++)
            AddImage(string.Create(CultureInfo.InvariantCulture, $"{tag}/{index}"), pictures[index], step);
    }

    /// <summary>Adds all numbers of one step of an alignment run, and puts them on disk.</summary>
    /// <param name="step">What the trainer yielded.</param>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    public void Add(AlignmentStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        void Scalar(string tag, double? value)
        {
            if (value is { } number)
                AddScalar(tag, number, step.Index);
        }

        Scalar("reward/mean", step.Reward.Mean);
        Scalar("reward/deviation", step.Reward.Deviation);
        Scalar("reward/group deviation", step.Reward.GroupDeviation);
        foreach ((string name, RewardStatistics part) in step.RewardComponents)
            Scalar($"reward components/{name}", part.Mean);
        Scalar("loss/policy", step.PolicyLoss);
        Scalar("loss/prior", step.PriorLoss);
        foreach ((string name, double value) in step.Regularisers)
            Scalar($"regularisers/{name}", value);
        Scalar("policy/kl divergence", step.KlDivergence);
        Scalar("policy/entropy", step.Entropy);
        Scalar("policy/mean ratio", step.MeanRatio);
        Scalar("policy/clipped fraction", step.ClippedFraction);
        Scalar("optimiser/gradient norm", step.GradientNorm);
        Scalar("optimiser/learning rate", step.LearningRate);
        Scalar("context noise", step.ContextNoise);
        Scalar("held out", step.HeldOut);
        Scalar("images a second", step.ImagesPerSecond);
        Flush();
    }

    /// <summary>Puts on disk what was added, so that a TensorBoard that runs shows it.</summary>
    /// <exception cref="ObjectDisposedException">The writer is disposed.</exception>
    public void Flush() => _stream.Flush();

    /// <summary>Completes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private void AppendValue(ProtoMessage value, long step) =>
        Append(new ProtoMessage().Message(EventFields.Summary, new ProtoMessage().Message(SummaryFields.Value, value)), step);

    private void Append(ProtoMessage content, long step)
    {
        double seconds = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        ProtoMessage head = new ProtoMessage().Double(EventFields.WallTime, seconds);
        if (step != 0)
            head.Integer(EventFields.Step, step); // the format leaves zeros out
        RecordFile.Write(_stream, [.. head.ToArray(), .. content.ToArray()]);
    }

    // The numbers of the fields, from TensorFlow's event.proto and summary.proto.
    private static class EventFields
    {
        public const int WallTime = 1;
        public const int Step = 2;
        public const int FileVersion = 3;
        public const int Summary = 5;
    }

    private static class SummaryFields
    {
        public const int Value = 1;
    }

    private static class ValueFields
    {
        public const int Tag = 1;
        public const int SimpleValue = 2;
        public const int Image = 4;
    }

    private static class ImageFields
    {
        public const int Height = 1;
        public const int Width = 2;
        public const int Colours = 3;
        public const int Encoded = 4;
    }
}
