namespace VaPi.Benchmarks.Step;

// Stand-in until the cost model is merged.
internal static class StepOperations
{
    public static double Policy(StepOptions o)
    {
        double f = Math.Ceiling((int)(8.0 * o.Width / 3) / 256.0) * 256;
        double t = o.Grid * o.Grid;
        return 2 * t * (o.Layers * (4.0 * o.Width * o.Width + 3 * o.Width * f) + (double)o.Width * o.Vocabulary) + o.Layers * 2.0 * t * t * o.Width;
    }

    public static double Vgg(StepOptions o)
    {
        double p = o.Side * o.Side, sum = 0;
        int[][] s = [[3, 64, 64], [64, 128, 128], [128, 256, 256, 256], [256, 512, 512, 512], [512, 512, 512, 512]];
        for (int i = 0; i < 5; i++, p /= 4)
            for (int j = 1; j < s[i].Length; j++)
                sum += 2.0 * 9 * s[i][j - 1] * s[i][j] * p;
        return sum;
    }

    public static (double Encode, double Decode) Tokenizer(VaPi.Models.LlamaGen.LlamaGenTokenizerConfiguration c)
    {
        int last = c.ChannelMultipliers.Count - 1;
        double P(int l) => (double)(c.ImageSize.Height >> l) * (c.ImageSize.Width >> l);
        double C(int l) => c.BaseChannels * c.ChannelMultipliers[l];
        double Conv(double a, double b, double p, double k = 9) => 2 * k * a * b * p;
        double Res(double a, double b, double p) => Conv(a, b, p) + Conv(b, b, p) + (a == b ? 0 : Conv(a, b, p, 1));
        double Att(double a, double p) => 4 * Conv(a, a, p, 1) + 4 * p * p * a;
        double e = Conv(3, C(0), P(0)), ch = C(0);
        for (int l = 0; l <= last; l++)
        {
            for (int b = 0; b < c.ResidualBlocks; b++) { e += Res(ch, C(l), P(l)); ch = C(l); if (l == last) e += Att(ch, P(l)); }
            if (l < last) e += Conv(ch, ch, P(l + 1));
        }

        double mid = 2 * Res(ch, ch, P(last)) + Att(ch, P(last));
        e += mid + Conv(ch, c.LatentChannels, P(last)) + 2 * P(last) * c.CodebookSize * c.CodebookWidth;
        double d = Conv(c.LatentChannels, ch, P(last)) + mid;
        for (int l = last; l >= 0; l--)
        {
            for (int b = 0; b <= c.ResidualBlocks; b++) { d += Res(ch, C(l), P(l)); ch = C(l); if (l == last) d += Att(ch, P(l)); }
            if (l > 0) d += Conv(ch, ch, P(l - 1));
        }

        d += Conv(ch, 3, P(0));
        return (e, d);
    }
}
