namespace VaPi.Evaluation.Features;

/// <summary>The convolutions of Inception-v3 under torchvision's names; the auxiliary classifier is left out.</summary>
internal static class InceptionLayout
{
    /// <summary>D, the features of an image.</summary>
    public const int FeatureCount = 2048;

    public static readonly string[] BlocksA = ["Mixed_5b", "Mixed_5c", "Mixed_5d"];
    public static readonly string[] BlocksC = ["Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"];
    public static readonly string[] BlocksE = ["Mixed_7b", "Mixed_7c"];

    public static readonly IReadOnlyList<InceptionConvolution> Convolutions =
    [
        new("Conv2d_1a_3x3", 3, 32, 3, 3, Stride: 2, Padded: false),
        new("Conv2d_2a_3x3", 32, 32, 3, 3, Padded: false),
        new("Conv2d_2b_3x3", 32, 64, 3, 3),
        new("Conv2d_3b_1x1", 64, 80, 1, 1),
        new("Conv2d_4a_3x3", 80, 192, 3, 3, Padded: false),
        .. BlockA(BlocksA[0], 192, 32),
        .. BlockA(BlocksA[1], 256, 64),
        .. BlockA(BlocksA[2], 288, 64),
        new("Mixed_6a.branch3x3", 288, 384, 3, 3, Stride: 2, Padded: false),
        new("Mixed_6a.branch3x3dbl_1", 288, 64, 1, 1),
        new("Mixed_6a.branch3x3dbl_2", 64, 96, 3, 3),
        new("Mixed_6a.branch3x3dbl_3", 96, 96, 3, 3, Stride: 2, Padded: false),
        .. BlockC(BlocksC[0], 128),
        .. BlockC(BlocksC[1], 160),
        .. BlockC(BlocksC[2], 160),
        .. BlockC(BlocksC[3], 192),
        new("Mixed_7a.branch3x3_1", 768, 192, 1, 1),
        new("Mixed_7a.branch3x3_2", 192, 320, 3, 3, Stride: 2, Padded: false),
        new("Mixed_7a.branch7x7x3_1", 768, 192, 1, 1),
        new("Mixed_7a.branch7x7x3_2", 192, 192, 1, 7),
        new("Mixed_7a.branch7x7x3_3", 192, 192, 7, 1),
        new("Mixed_7a.branch7x7x3_4", 192, 192, 3, 3, Stride: 2, Padded: false),
        .. BlockE(BlocksE[0], 1280),
        .. BlockE(BlocksE[1], 2048),
    ];

    private static IEnumerable<InceptionConvolution> BlockA(string block, long from, long pooled) =>
    [
        new($"{block}.branch1x1", from, 64, 1, 1),
        new($"{block}.branch5x5_1", from, 48, 1, 1),
        new($"{block}.branch5x5_2", 48, 64, 5, 5),
        new($"{block}.branch3x3dbl_1", from, 64, 1, 1),
        new($"{block}.branch3x3dbl_2", 64, 96, 3, 3),
        new($"{block}.branch3x3dbl_3", 96, 96, 3, 3),
        new($"{block}.branch_pool", from, pooled, 1, 1),
    ];

    private static IEnumerable<InceptionConvolution> BlockC(string block, long inner) =>
    [
        new($"{block}.branch1x1", 768, 192, 1, 1),
        new($"{block}.branch7x7_1", 768, inner, 1, 1),
        new($"{block}.branch7x7_2", inner, inner, 1, 7),
        new($"{block}.branch7x7_3", inner, 192, 7, 1),
        new($"{block}.branch7x7dbl_1", 768, inner, 1, 1),
        new($"{block}.branch7x7dbl_2", inner, inner, 7, 1),
        new($"{block}.branch7x7dbl_3", inner, inner, 1, 7),
        new($"{block}.branch7x7dbl_4", inner, inner, 7, 1),
        new($"{block}.branch7x7dbl_5", inner, 192, 1, 7),
        new($"{block}.branch_pool", 768, 192, 1, 1),
    ];

    private static IEnumerable<InceptionConvolution> BlockE(string block, long from) =>
    [
        new($"{block}.branch1x1", from, 320, 1, 1),
        new($"{block}.branch3x3_1", from, 384, 1, 1),
        new($"{block}.branch3x3_2a", 384, 384, 1, 3),
        new($"{block}.branch3x3_2b", 384, 384, 3, 1),
        new($"{block}.branch3x3dbl_1", from, 448, 1, 1),
        new($"{block}.branch3x3dbl_2", 448, 384, 3, 3),
        new($"{block}.branch3x3dbl_3a", 384, 384, 1, 3),
        new($"{block}.branch3x3dbl_3b", 384, 384, 3, 1),
        new($"{block}.branch_pool", from, 192, 1, 1),
    ];
}
