System.Console.WriteLine("placeholder until the trainer exists");
