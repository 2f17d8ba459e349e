using Xunit;

namespace VaPi.Tests;

/// <summary>A study that prints what the documentation shows; it runs only where the variable VAPI_STUDY is set.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StudyFactAttribute : FactAttribute
{
    public StudyFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("VAPI_STUDY") is null)
            Skip = "A study for the documentation; set VAPI_STUDY=1 to run it.";
    }
}
