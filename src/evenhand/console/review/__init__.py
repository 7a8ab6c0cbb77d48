"""The pages of people's work: signing in, accounts, cases. They translate and decide nothing."""
