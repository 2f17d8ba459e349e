namespace VaPi.Benchmarks.Step;

/// <summary>Whole rollouts, the library against the published arrangement.</summary>
internal static class StepCommand
{
    private const int WrongUsage = 64;

    public static int Run(IReadOnlyList<string> arguments)
    {
        StepOptions options;
        try
        {
            options = StepOptions.Parse(arguments);
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine($"{exception.Message} --help explains the options.");
            return WrongUsage;
        }

        if (options.ShowHelp)
        {
            Console.WriteLine(StepOptions.Help);
            return 0;
        }

        if (options.Child is not null)
        {
            StepMemory.RunChild(options);
            return 0;
        }

        return options.Memory ? Memory(options, arguments) : Time(options);
    }

    private static int Memory(StepOptions options, IReadOnlyList<string> arguments)
    {
        StepMemory memory = StepMemory.Measure(arguments);
        StepReport.Print(memory);
        if (options.Json is not null)
            StepReport.Write(options.Json, StepReport.Json(options, memory));
        return 0;
    }

    private static int Time(StepOptions options)
    {
        StepFigures figures = StepMeasurement.Of(options);
        StepReport.Print(figures);
        if (options.Json is not null)
            StepReport.Write(options.Json, StepReport.Json(figures));
        if (figures.GradientDifference < GradientAgreement.Tolerance)
            return 0;
        Console.Error.WriteLine($"The gradients differ by more than {GradientAgreement.Tolerance:E0}, so the arrangements do not compute the same and their times do not compare.");
        return 1;
    }
}
