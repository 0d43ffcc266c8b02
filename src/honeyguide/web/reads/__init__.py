"""SQL of the lists the API shows: reads only, over tables the stages below own. Always within one workspace."""
