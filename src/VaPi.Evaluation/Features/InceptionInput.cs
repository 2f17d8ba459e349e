namespace VaPi.Evaluation.Features;

/// <summary>How images are brought to the 299x299 pixels of an Inception-v3. Frechet distances differ with it in the first digits.</summary>
public enum InceptionInput
{
    /// <summary>
    /// As the published evaluations of class-conditional generators do it: to bytes (trunc(127.5 x + 128)), TensorFlow 1's bilinear
    /// resize (corner to corner, without half pixels), (byte - 128) / 128.
    /// </summary>
    Bytes,

    /// <summary>As pytorch-fid and torchvision do it: no rounding, bilinear resize with half-pixel centres, [-1, 1].</summary>
    HalfPixel,
}
