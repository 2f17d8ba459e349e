namespace VaPi.Study.Studies;

/// <summary>One question and the runs that answer it.</summary>
internal interface IStudy
{
    void Run(StudyOptions options, CancellationToken cancellationToken);
}
