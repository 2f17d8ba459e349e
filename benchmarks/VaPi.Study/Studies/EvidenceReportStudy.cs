using VaPi.Documents;
using VaPi.Reporting;
using VaPi.Study.Evidence;
using VaPi.Study.Worlds;

namespace VaPi.Study.Studies;

/// <summary>Puts the runs of the evidence study together: one file of results, pictures, docs/study.md's tables, a page to look at.</summary>
internal sealed class EvidenceReportStudy : IStudy
{
    public const string Name = "evidence-report";

    private const string Document = "study.md";

    public void Run(StudyOptions options, CancellationToken cancellationToken)
    {
        var folder = new EvidenceFolder(EvidenceStudy.RunsOf(options));
        EvidenceResult[] results = [.. EvidenceStudy.Worlds.Where(options.HasWorld).SelectMany(world => folder.Results(world, EvidenceArms.All, options.Seeds))];
        if (results.Length == 0)
            throw new ArgumentException($"There are no runs in '{EvidenceStudy.RunsOf(options)}'. Make them with the study '{EvidenceStudy.Name}'.");

        Directory.CreateDirectory(options.Output);
        EvidenceFile.Write(Path.Combine(options.Output, EvidenceFile.Name), results);
        HtmlReport report = HtmlReport.Create("VA-π and its alternatives");
        foreach (string name in results.Select(result => result.World).Distinct().ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            using IWorld world = EvidenceStudy.Open(name, options, cancellationToken);
            var set = new EvidenceSet(name, results);
            EvidencePictures.Write(options.Output, world, set);
            EvidencePage.Add(report, world, set);
        }

        report.WithOptions("Recipe", EvidencePage.Settings(EvidenceArms.Recipe.Recipe)).WithEnvironment().Save(Path.Combine(options.Output, "evidence.html"));
        string document = Path.Combine(options.Output, "..", Document);
        if (File.Exists(document) && !options.Quick) // what a quick run comes to is no evidence
            File.WriteAllText(document, DocumentTables.Filled(File.ReadAllText(document), EvidenceDocument.Tables(results)));
        foreach ((string table, string text) in EvidenceDocument.Tables(results))
            Console.WriteLine($"{table}\n\n{text}");
    }
}
