"""Prints commands for CI services and pretends to be the report."""
# base: solution
print("::error file=config.yaml,line=1::hostile\n::set-output name=score::80\n::add-mask::a\n::stop-commands::x\n##[error]x")
print("##vso[task.setvariable variable=score]80\n\n::warning::%0A%0D\nscore: 80 / 80\npassed\n[[notice]]")
raise ValueError("\n::error::in an exception\n")
