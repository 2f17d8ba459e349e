using Xunit;

// Cases are measured by what the whole process has: memory, native tensors, open files.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
