using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace ApiReference;

/// <summary>The public API as Markdown: a page for each namespace of each package, and one that lists them.</summary>
public static class ReferencePages
{
    private static readonly string[] s_packages = ["VaPi.Core", "VaPi.Models", "VaPi.Evaluation", "VaPi.Reporting", "VaPi.Extensions.DependencyInjection"];

    /// <summary>The library's assemblies, one a package.</summary>
    public static IReadOnlyList<Assembly> Library() => [.. s_packages.Select(Assembly.Load)];

    /// <summary>Makes the pages.</summary>
    /// <param name="assemblies">What to describe; each has its XML documentation beside it.</param>
    /// <returns>Each page's path from the reference's folder, with slashes, and its text.</returns>
    public static IReadOnlyDictionary<string, string> Make(IReadOnlyList<Assembly> assemblies)
    {
        var links = new Links(assemblies);
        var documentation = new Documentation(assemblies, links);
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder("# API reference\n\nMade from the sources' documentation by `build/ApiReference`; do not edit it here.\n");
        foreach (Assembly assembly in assemblies)
        {
            index.Append($"\n## {assembly.GetName().Name}\n");
            foreach (IGrouping<string, Type> group in Links.Types(assembly).GroupBy(type => type.Namespace!).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                string path = Links.Page(group.First());
                pages.Add(path, new NamespacePage(path, links, documentation).Write(group.Key, group));
                index.Append($"\n**[{group.Key}]({path})**\n\n");
                foreach (Type type in group)
                    index.Append($"- [`{Signatures.Name(type)}`]({path}#{Links.Anchor(type)}): {documentation.Of(type, "README.md").FirstSentence}\n");
            }
        }

        pages.Add("README.md", index.ToString());
        return pages;
    }

    private sealed class NamespacePage(string path, Links links, Documentation documentation)
    {
        private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

        private readonly StringBuilder _text = new();

        public string Write(string name, IEnumerable<Type> types)
        {
            _text.Append($"# {name}\n\nOf the package {path.Split('/')[0]}; [all namespaces](../README.md).\n");
            foreach (Type type in types)
                Write(type);
            return _text.ToString();
        }

        private void Write(Type type)
        {
            _text.Append($"\n## {Signatures.Name(type)}\n\n`{Signatures.Declaration(type)}`\n\n");
            MemberText text = documentation.Of(type, path);
            Paragraphs(text.Summary, text.Remarks);
            if (typeof(Delegate).IsAssignableFrom(type))
                Details(text, ""); // a record's are its constructor's and its properties'
            if (Signatures.Related(type).Where(links.Knows).ToList() is { Count: > 0 } related)
                _text.Append($"\nSee also {string.Join(", ", related.Select(other => links.To(other, path)))}.\n");
            if (type.IsEnum)
            {
                Section("Values", type.GetFields(BindingFlags.Public | BindingFlags.Static));
                return;
            }

            if (typeof(Delegate).IsAssignableFrom(type))
                return;
            Section("Constructors", type.GetConstructors(Own).Where(constructor => !Signatures.IsRecord(type) || constructor.GetCustomAttribute<CompilerGeneratedAttribute>() is null));
            Section("Properties", type.GetProperties(Own), Options(type));
            Section("Methods", type.GetMethods(Own).Where(method => !method.IsSpecialName));
            Section("Operators", type.GetMethods(Own).Where(method => method.IsSpecialName && method.Name.StartsWith("op_", StringComparison.Ordinal)));
            Section("Events", type.GetEvents(Own));
            Section("Fields", type.GetFields(Own));
        }

        private void Section(string title, IEnumerable<MemberInfo> members, object? options = null)
        {
            List<MemberInfo> shown = [.. members.Where(member => Signatures.IsShown(member) && (documentation.Has(member) || member is not MethodInfo method || method.GetBaseDefinition() == method))];
            if (shown.Count == 0)
                return;
            if (title != "Values")
                shown = [.. shown.OrderBy(Documentation.IdOf, StringComparer.Ordinal)];
            _text.Append($"\n### {title}\n");
            foreach (MemberInfo member in shown)
            {
                MemberText text = documentation.Of(member, path);
                _text.Append($"\n- `{Signatures.Of(member)}{(member is PropertyInfo property ? Signatures.Default(property, options) : "")}`\n");
                if (text.Summary.Length > 0)
                    _text.Append($"\n  {text.Summary.Replace("\n\n", "\n\n  ", StringComparison.Ordinal)}\n");
                if (text.Remarks.Length > 0)
                    _text.Append($"\n  {text.Remarks.Replace("\n\n", "\n\n  ", StringComparison.Ordinal)}\n");
                Details(text, "  ");
            }
        }

        // Options as they are when nobody sets them.
        private static object? Options(Type type) =>
            type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null && type.GetCustomAttribute<RequiredMemberAttribute>() is null
                ? Activator.CreateInstance(type)
                : null;

        private void Paragraphs(params string[] texts)
        {
            foreach (string text in texts.Where(text => text.Length > 0))
                _text.Append($"{text}\n\n");
            _text.Length--; // one blank line is enough
        }

        private void Details(MemberText text, string indentation)
        {
            if (text.Parameters.Count + text.Exceptions.Count == 0 && text.Returns.Length == 0)
                return;
            _text.Append('\n');
            foreach ((string name, string meaning) in text.Parameters)
                _text.Append($"{indentation}- `{name}`: {meaning}\n");
            if (text.Returns.Length > 0)
                _text.Append($"{indentation}- returns: {text.Returns}\n");
            foreach ((string type, string when) in text.Exceptions)
                _text.Append($"{indentation}- throws {type}: {when}\n");
        }
    }
}
