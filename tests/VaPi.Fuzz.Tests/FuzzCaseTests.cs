using VaPi.Fuzz.Cases;
using VaPi.Fuzz.Fields;
using VaPi.Fuzz.Readers;
using Xunit;

namespace VaPi.Fuzz.Tests;

public class FuzzCaseTests
{
    [Fact]
    public void A_case_is_decided_by_reader_seed_and_number()
    {
        FileReader reader = CheckpointReaders.TorchZip();
        FileReader again = CheckpointReaders.TorchZip();
        string Content(FileReader from, int seed, long number) => Convert.ToHexString(FuzzCase.Make(from, seed, number).Files[0].Content);
        for (long number = 0; number < 50; number++)
            Assert.Equal(Content(reader, 1, number), Content(again, 1, number));
        Assert.True(Enumerable.Range(0, 50).Select(number => Content(reader, 1, number)).Distinct().Count() > 45);
        Assert.NotEqual(Enumerable.Range(0, 50).Select(number => Content(reader, 1, number)), Enumerable.Range(0, 50).Select(number => Content(reader, 2, number)));
    }

    [Fact]
    public void A_case_that_nothing_was_left_of_is_still_a_case()
    {
        var empty = new FileReader("empty", [Sample.Of("a", [])], _ => { });
        for (long number = 0; number < 100; number++)
            _ = FuzzCase.Make(empty, 1, number);
    }

    [Theory]
    [InlineData("torch-zip", FieldKind.Little)]
    [InlineData("torch-legacy", FieldKind.Code)]
    [InlineData("npy", FieldKind.Decimal)]
    [InlineData("safetensors", FieldKind.Little)]
    [InlineData("tar", FieldKind.Octal)]
    [InlineData("png", FieldKind.Big)]
    [InlineData("jpeg", FieldKind.Big)]
    [InlineData("webp", FieldKind.Little)]
    public void The_fields_of_each_format_are_found(string reader, object kind)
    {
        foreach (Sample sample in AllReaders.Make(reader).Samples)
        {
            byte[] file = sample.Files[0].Content;
            List<Field> fields = FileFields.Of(file);
            Assert.Contains(fields, field => field.Kind == (FieldKind)kind);
            Assert.All(fields, field => Assert.InRange(field.Offset, 0, file.Length - field.Length));
        }
    }
}
