using VaPi.Study.Evidence;
using Xunit;

namespace VaPi.Study.Tests.Evidence;

public sealed class EvidenceTablesTests
{
    [Fact]
    public void Means_spreads_and_paired_differences_are_written()
    {
        EvidenceResult[] results =
        [
            EvidenceFolderTests.Result(0, 20, "base"),
            EvidenceFolderTests.Result(1, 30, "base"),
            EvidenceFolderTests.Result(2, 40, "base"),
            EvidenceFolderTests.Result(0, 10),
            EvidenceFolderTests.Result(1, 20),
            EvidenceFolderTests.Result(2, 30),
            EvidenceFolderTests.Result(0, 11, "other"),
        ];
        using var writer = new StringWriter { NewLine = "\n" };

        EvidenceTables.Write(writer, results, "VA-π");

        Assert.Equal(
            """
            |  | seeds | learning rate | images | seconds | distance |
            | --- | --- | --- | --- | --- | --- |
            | base | 3 | 0.00003 | 32 | 2 | 30.000 (20.000 … 40.000) |
            | VA-π | 3 | 0.00003 | 32 | 2 | 20.000 (10.000 … 30.000) |
            | other | 1 | 0.00003 | 32 | 2 | 11.000 |

            Less VA-π, paired by seed, with 95 % confidence intervals (*: zero is outside):

            |  | distance |
            | --- | --- |
            | base | +10.000 ± 0.000 * |
            | other | +1.000 (one seed) |

            """,
            writer.ToString());
    }
}
