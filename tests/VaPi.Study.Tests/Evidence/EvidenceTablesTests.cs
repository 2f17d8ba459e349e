using VaPi.Study.Evidence;
using Xunit;

namespace VaPi.Study.Tests.Evidence;

public sealed class EvidenceTablesTests
{
    private static readonly EvidenceSet Set = new(
        "world",
        [
            EvidenceFolderTests.Result(0, 20, "base"),
            EvidenceFolderTests.Result(1, 30, "base"),
            EvidenceFolderTests.Result(2, 40, "base"),
            EvidenceFolderTests.Result(0, 10),
            EvidenceFolderTests.Result(1, 21),
            EvidenceFolderTests.Result(2, 29),
            EvidenceFolderTests.Result(0, 11, "other"),
        ]);

    [Fact]
    public void A_comparison_has_means_spreads_and_paired_differences() => Assert.Equal(
        """
        |  | seeds | learning rate | distance | minus VA-π | processor seconds |
        | --- | --- | --- | --- | --- | --- |
        | base | 3 | 0.00003 | 30.00 (20.00 … 40.00) | +10.00 ± 2.484 * | 2 |
        | VA-π | 3 | 0.00003 | 20.00 (10.00 … 29.00) |  | 2 |
        | other | 1 | 0.00003 | 11.00 | +1.000 (one seed) | 2 |

        """,
        EvidenceTables.Comparison(Set, ["other", "VA-π", "base", "not run"], ["VA-π"], ["distance"]));

    [Fact]
    public void Measures_alone_have_a_column_each() => Assert.Equal(
        """
        |  | distance | not measured |
        | --- | --- | --- |
        | other | 11.00 |  |

        """,
        EvidenceTables.Measures(Set, ["other"], ["distance", "not measured"]));
}
